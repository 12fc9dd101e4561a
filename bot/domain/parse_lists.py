"""The commands that list: ``repos``, ``usage``, ``manifests``, ``pending`` and ``history``."""

from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.lists import ALL, History, Manifests, Pending, Repos
from bot.domain.lists import Usage as UsageRequest
from bot.domain.reference import Reference, clip, parse_reference
from bot.errors import BadInputError


def _repos(asked: Asked) -> Repos:
    return Repos(*pattern(asked))


def _usage(asked: Asked) -> UsageRequest:
    return UsageRequest(*pattern(asked))


def _history(asked: Asked) -> History:
    return History(*one_repository(asked)) if asked.word else History(registry=registry_of(asked))


def _pending(asked: Asked) -> Pending:
    return Pending(registry_of(asked))


def _manifests(asked: Asked) -> Manifests:
    return Manifests(*one_repository(asked), oldest="--oldest" in asked.flags)


def one_repository(asked: Asked) -> tuple[Reference, str]:
    """Give the one repository that is named, and the registry. Raises BadInputError for anything else."""
    reference = parse_reference(asked.word)
    if reference.is_glob:
        raise BadInputError(
            f"{clip(reference.repository)!r} stands for several repositories.",
            expected="This command is about one.",
            example=f"{asked.line} team/app",
        )
    return _whole(asked, reference)


def pattern(asked: Asked) -> tuple[Reference, str]:
    """Give the repositories that are meant, ALL where none is named, and the registry. Raises BadInputError."""
    if not asked.word:
        return ALL, registry_of(asked)
    return _whole(asked, parse_reference(asked.word))


def _whole(asked: Asked, reference: Reference) -> tuple[Reference, str]:
    if reference.tag or reference.digest:
        raise BadInputError(
            f"{clip(str(reference))!r} names one manifest.",
            expected="This command is about whole repositories.",
            example=f"{asked.line} {reference.repository}",
        )
    return Reference(reference.repository), registry_of(asked, reference)


_OPTIONAL = "Give the name of a repository, a pattern for several, or nothing for all."

LIST_USAGES = {
    "repos": Usage(
        _repos,
        ("--registry",),
        _OPTIONAL,
        "'team/*'",
        Group.LOOK,
        (
            Example("repos", "all repositories with manifests, tags, size and last push, the most stale first"),
            Example("repos 'TEAM/*'", "those that match"),
        ),
        needs_word=False,
    ),
    "manifests": Usage(
        _manifests,
        ("--registry",),
        "Give the name of one repository.",
        "team/app --oldest",
        Group.LOOK,
        (
            Example("manifests REPO", "digests, tags, times, size and platform, the newest first"),
            Example("manifests REPO --oldest", "the same, the oldest first"),
        ),
        flags=("--oldest",),
    ),
    "usage": Usage(
        _usage,
        ("--registry",),
        _OPTIONAL,
        "'team/*'",
        Group.LOOK,
        (Example("usage", "what each repository stores, as a chart and a table, and what of it is stale"),),
        needs_word=False,
    ),
    "pending": Usage(
        _pending,
        ("--registry",),
        "It lists all that waits; only a registry can be named.",
        "",
        Group.LOOK,
        (Example("pending", "the proposals that wait for a decision, with links to their cards; all as CSV"),),
        needs_word=False,
        takes_word=False,
    ),
    "history": Usage(
        _history,
        ("--registry",),
        "Give the name of one repository, or nothing for all.",
        "team/app",
        Group.LOOK,
        (
            Example(
                "history REPO",
                "what was deleted, untagged or unlocked, who asked and who approved, and the bytes; or of all",
            ),
        ),
        needs_word=False,
    ),
}
