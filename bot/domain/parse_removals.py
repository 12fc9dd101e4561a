"""The commands that propose more than what is untagged: ``old`` and ``delete``."""

import json
import re
from datetime import datetime, timedelta

from bot import durations, moments
from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.fields import KEEP, KEEP_MOST, Field, Form
from bot.domain.reference import Reference, clip, parse_reference
from bot.domain.removals import Delete, Old
from bot.domain.rule import TagFilter
from bot.domain.whole import DeleteRepository
from bot.errors import BadInputError

# A button must carry the pattern, as JSON, beside the names of a repository and a registry.
_PATTERN_MOST = 1000
_NEEDS_AGE = "--older-than 30d"


def _old(asked: Asked) -> Old:
    reference = parse_reference(asked.word)
    if reference.tag or reference.digest:
        raise BadInputError(
            f"{clip(str(reference))!r} names one manifest.",
            expected="This command looks through whole repositories.",
            example=f"/acr untagged {reference.repository}",
        )
    options = asked.options
    given = [option for option in ("--older-than", "--before") if option in options]
    if len(given) != 1:
        raise BadInputError(
            "--older-than and --before each say how old." if given else "How old is missing.",
            expected="Give one of --older-than 30d and --before 2019-04-05.",
            example=f"/acr untagged {reference.repository}",
        )
    return Old(
        reference=Reference(reference.repository),
        registry=registry_of(asked, reference),
        older_than=_older_than(asked, options["--older-than"]) if "--older-than" in options else None,
        before=_before(asked, options["--before"]) if "--before" in options else None,
        tags=_pattern(asked, options["--tags"]) if "--tags" in options else "",
        untagged="--untagged" in asked.flags,
        keep=_keep(asked, options["--keep"]) if "--keep" in options else 0,
    )


def _older_than(asked: Asked, value: str) -> timedelta:
    try:
        return durations.parse_duration(value)
    except ValueError as error:
        example = f"{asked.line} {asked.word} --older-than 30d"
        raise BadInputError(f"--older-than: {error}", expected=durations.EXPECTED, example=example) from error


def _before(asked: Asked, value: str) -> datetime:
    try:
        return moments.read_moment(value)
    except ValueError as error:
        raise BadInputError(
            f"--before: {error}",
            expected=f"{moments.EXPECTED} Without a zone it is your own time in Slack.",
            example=f"{asked.line} {asked.word} --before 2019-04-05",
        ) from error


def _pattern(asked: Asked, value: str) -> str:
    line = f"{asked.line} {asked.word} {_NEEDS_AGE}"
    if not value:
        raise BadInputError(
            "--tags has no pattern.",
            expected="Write a regular expression that a whole tag must match.",
            example=f"{line} --tags 'pr-.*'",
        )
    if len(json.dumps(value)) > _PATTERN_MOST:
        raise BadInputError(
            f"That pattern is too long: {len(value):,} characters.",
            expected=f"One for --tags has at most some {_PATTERN_MOST:,}; other letters than a to z count more.",
            example=f"{line} --tags '(pr|dev)-.*'",
        )
    try:
        TagFilter(value)
    except BadInputError as error:
        error.example = f"{line} {error.example}"
        raise
    return value


def _keep(asked: Asked, value: str) -> int:
    if not re.fullmatch(r"\d{1,5}", value, re.ASCII) or int(value) > KEEP_MOST:
        raise BadInputError(
            f"--keep: {clip(value)!r} is not a number of images.",
            expected=f"Write how many of the newest stay, {KEEP_MOST:,} at most.",
            example=f"{asked.line} {asked.word} {_NEEDS_AGE} --keep 3",
        )
    return int(value)


def _delete(asked: Asked) -> Delete | DeleteRepository:
    reference = parse_reference(asked.word, short_digests=True)
    if reference.is_glob:
        raise BadInputError(
            f"{clip(reference.repository)!r} stands for several repositories.",
            expected="This command deletes one manifest, or one whole repository by its own name.",
            example=f"{asked.line} team/app:v1.2",
        )
    registry = registry_of(asked, reference)
    if not (reference.tag or reference.digest):
        return DeleteRepository(Reference(reference.repository), registry)
    return Delete(Reference(reference.repository, tag=reference.tag, digest=reference.digest), registry)


REMOVAL_USAGES = {
    "old": Usage(
        _old,
        ("--older-than", "--before", "--tags", "--keep", "--registry"),
        "Give the name of a repository, or a pattern for several, and how old.",
        "'team/*' --older-than 30d",
        Group.FIND,
        (
            Example("old REPO --older-than 30d", "what last changed before then, tagged or not, the oldest first"),
            Example("old REPO --before 2019-04-05", "the same from a date on; 2019-03-15T17:55:00 is one with a time"),
            Example(
                "old REPO --older-than 30d --tags 'pr-.*' --keep 3",
                "only what has no tags but those that match as a whole; the newest 3 stay",
            ),
            Example("old REPO --older-than 30d --untagged", "only what has no tag; beside --tags, both"),
        ),
        flags=("--untagged",),
        form=Form(
            "Old: not changed for some time, tagged or not",
            (
                Field(
                    "age",
                    "--older-than",
                    "Not changed for, or since",
                    "30d",
                    "A length of time (30d, 2w, 36h) or a date (2019-04-05).",
                    needed=True,
                    dated="--before",
                ),
                Field(
                    "tags",
                    "--tags",
                    "Only with tags like",
                    "pr-.*",
                    "A regular expression for a whole tag; every tag of an image must match. Empty: all.",
                ),
                KEEP,
            ),
        ),
        needs=(f"{_NEEDS_AGE} | --before 2019-04-05",),
    ),
    "delete": Usage(
        _delete,
        ("--registry",),
        "Give the name of a repository, with : before a tag or @ before a digest. Alone it is the whole repository.",
        "team/app:v1.2",
        Group.NAMED,
        (
            Example("delete REPO:v1.2", "one manifest and so all its tags, which it names, and what only it needs"),
            Example("delete REPO@sha256:3f3f3f3f", "the same by its digest; the first 8 characters or more will do"),
            Example("delete REPO", "the whole repository, all that the card lists; whoever approves types its name"),
        ),
        needs=(":v1.2",),
    ),
}
