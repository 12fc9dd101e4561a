"""The commands about one tag or one lock: ``untag``, ``lock`` and ``unlock``."""

from collections.abc import Callable

from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.reference import Reference, clip, parse_reference
from bot.domain.tag_requests import Lock, Unlock, Untag
from bot.errors import BadInputError

_LEVELS = "Give the name of a repository, with : before a tag or @ before a digest to name only that."


def _untag(asked: Asked) -> Untag:
    reference, registry = _one(asked)
    if reference.tag:
        return Untag(reference, registry)
    raise BadInputError(
        f"{clip(str(reference))!r} names no tag.",
        expected="This command removes one tag: put it behind the repository, with : before it.",
        example=f"{asked.line} {reference.repository}:v1.2",
    )


def _lock(asked: Asked) -> Lock:
    return Lock(*_one(asked))


def _unlock(asked: Asked) -> Unlock:
    return Unlock(*_one(asked))


def _one(asked: Asked) -> tuple[Reference, str]:
    reference = parse_reference(asked.word, short_digests=True)
    if reference.is_glob:
        raise BadInputError(
            f"{clip(reference.repository)!r} stands for several repositories.",
            expected="This command is about one at a time.",
            example=f"{asked.line} team/app:v1.2",
        )
    registry = registry_of(asked, reference)
    return Reference(reference.repository, tag=reference.tag, digest=reference.digest), registry


def _usage(
    read: Callable[[Asked], Untag | Lock | Unlock], expected: str, *examples: Example, needs: tuple[str, ...] = ()
) -> Usage:
    return Usage(read, ("--registry",), expected, "team/app:v1.2", Group.NAMED, examples, needs=needs)


TAG_USAGES = {
    "untag": _usage(
        _untag,
        "Give the name of a repository, then : and the tag.",
        Example("untag REPO:v1.2", "remove one tag and nothing else; its manifest and the other tags stay"),
        needs=(":v1.2",),
    ),
    "lock": _usage(
        _lock,
        _LEVELS,
        Example("lock REPO:v1.2", "lock a tag, a @digest or a whole repository at once, if you may approve"),
    ),
    "unlock": _usage(
        _unlock, _LEVELS, Example("unlock REPO:v1.2", "propose to lift such a lock; somebody else approves")
    ),
}
