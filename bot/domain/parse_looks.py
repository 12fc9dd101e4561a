"""The commands that need nothing but a repository: ``untagged`` and ``explain``."""

from datetime import timedelta

from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.fields import Field, Form
from bot.domain.reference import Reference, clip, parse_reference
from bot.domain.request import Explain, Untagged
from bot.durations import EXPECTED, parse_duration
from bot.errors import BadInputError


def _untagged(asked: Asked) -> Untagged:
    reference = parse_reference(asked.word)
    if reference.tag or reference.digest:
        raise BadInputError(
            f"{clip(str(reference))!r} names one manifest.",
            expected="This command looks through a whole repository.",
            example=f"{asked.line} {reference.repository}",
        )
    min_age = asked.options.get("--min-age")
    return Untagged(
        reference=Reference(reference.repository),
        registry=registry_of(asked, reference),
        min_age=_duration("--min-age", min_age) if min_age is not None else None,
    )


def _explain(asked: Asked) -> Explain:
    reference = parse_reference(asked.word, short_digests=True)
    if reference.is_glob:
        raise BadInputError(
            f"{clip(reference.repository)!r} stands for several repositories.",
            expected="This command explains one repository, or one manifest of it.",
            example=f"{asked.line} team/app",
        )
    registry = registry_of(asked, reference)
    return Explain(Reference(reference.repository, tag=reference.tag, digest=reference.digest), registry)


def _duration(option: str, value: str) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise BadInputError(f"{option}: {error}", expected=EXPECTED, example=f"{option} 7d") from error


LOOK_USAGES = {
    "untagged": Usage(
        _untagged,
        ("--min-age", "--registry"),
        "Give the name of a repository, or a pattern for several.",
        "'team/*'",
        Group.FIND,
        (
            Example("untagged REPO", "what carries no tag and could go, and what stays and why"),
            Example("untagged REPO --min-age 7d", "only what has not changed for 7 days (or 12h, 1d12h, 2w)"),
            Example("untagged 'TEAM/*'", "all repositories that match; * and ? stand for anything, slashes too"),
            Example("untagged HOST/REPO", "a full reference, as you paste it"),
            Example("untagged REPO --registry NAME", "in another registry than the default", several=True),
        ),
        form=Form(
            "Untagged: no tag points to it",
            (Field("age", "--min-age", "Not changed for", "7d", "A length of time: 7d, 2w, 36h. Empty: any."),),
        ),
    ),
    "explain": Usage(
        _explain,
        ("--registry",),
        "Give the name of a repository, with : before a tag or @ before a digest to ask about one manifest.",
        "team/app:v1.2",
        Group.LOOK,
        (
            Example("explain REPO:latest", "why one image is kept or could go, step by step; by @digest, too"),
            Example("explain REPO", "how each reason works out in a repository, with examples"),
        ),
    ),
}
