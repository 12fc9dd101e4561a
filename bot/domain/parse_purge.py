"""``/acr purge`` with the filter, the options and the durations of Azure's ``acr purge``."""

import re
import shlex

from bot.domain.ago import EXPECTED, parse_ago
from bot.domain.asked import Asked, Example, Group, Usage
from bot.domain.fields import KEEP, KEEP_MOST, TAGS, Field, Form, Kind
from bot.domain.purge import Purge, check_repositories
from bot.domain.reference import clip, parse_reference
from bot.domain.rule import TagFilter
from bot.errors import BadInputError

_EXAMPLE = "/acr purge 'app:^pr-' --ago 30d"
_MOST = 800
_SHOWN = 200
_REFUSED = {
    "--untagged-only": ("finds what is untagged by a command of its own.", "/acr untagged app --min-age 30d"),
    "--include-locked": ("is not done here: a lock is lifted by a proposal of its own.", "/acr unlock app:v1.2"),
}


def _purge(asked: Asked) -> Purge:
    options = asked.options
    for name, (why, example) in _REFUSED.items():
        if name in asked.flags:
            raise BadInputError(
                f"{name} {why}", expected=f"Leave it out here; for that, type {example}.", example=_EXAMPLE
            )
    given = [text for text in (asked.word, options.get("--filter"), options.get("--f")) if text]
    if len(given) != 1:
        raise BadInputError(
            "The filter is missing." if not given else "There is more than one filter.",
            expected="Give one: the repository, a colon, and a regular expression to search for in its tags.",
            example=_EXAMPLE,
        )
    registry, repositories, pattern = _filter(given[0])
    regex = check_repositories(repositories)
    if not regex:
        try:
            reference = parse_reference(f"{registry}/{repositories}" if registry else repositories)
        except BadInputError as error:
            error.example = _EXAMPLE
            raise
        registry, repositories = reference.registry, reference.repository
    if "--ago" not in options:
        raise BadInputError(
            "How old is missing.",
            expected="Say it with --ago, as for acr purge.",
            example=f"{_quoted(given[0])} --ago 30d",
        )
    try:
        ago = parse_ago(options["--ago"])
    except ValueError as error:
        example = f"{_quoted(given[0])} --ago 30d"
        raise BadInputError(f"--ago: {error}", expected=EXPECTED, example=example) from error
    return Purge(
        repositories=repositories,
        pattern=pattern,
        registry=(options.get("--registry") or options.get("--r") or registry).lower(),
        regex=regex,
        ago=ago,
        keep=_keep(options, given[0]),
        untagged="--untagged" in asked.flags,
        idle=tuple(name for name in ("--dry-run", "--concurrency") if name in asked.flags or name in options),
    )


def _keep(options: dict[str, str], filter_: str) -> int:
    for number in ("--keep", "--concurrency"):
        if number in options and not re.fullmatch(r"\d{1,5}", options[number], re.ASCII):
            raise BadInputError(
                f"{number}: {clip(options[number])!r} is not a number.",
                expected="Write a whole number, 0 or more.",
                example=f"{_quoted(filter_)} --ago 30d {number} 3",
            )
    keep = int(options.get("--keep", "0"))
    if keep > KEEP_MOST:
        raise BadInputError(f"--keep: {keep:,} is too many.", expected=f"{KEEP_MOST:,} at most.", example=_EXAMPLE)
    return keep


def _filter(text: str) -> tuple[str, str, str]:
    """Split ``[registry/]repository:pattern`` at the first colon that is not within the pattern."""
    host = re.match(r"((?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+(?::\d+)?|localhost(?::\d+)?|[0-9.]+:\d+)/", text)
    registry = host[1] if host and "*" not in host[1] else ""
    rest = text[len(registry) + 1 :] if registry else text
    repositories, colon, pattern = rest.partition(":")
    if repositories.endswith("(?"):  # a group that does not count, in the pattern for the repository
        after, more, pattern = pattern.partition(":")
        repositories, colon = f"{repositories}:{after}", more
    if not colon or not repositories or not pattern:
        missing = "tag pattern" if repositories else "repository"
        raise BadInputError(
            f"{clip(text)!r} has no {missing}.",
            expected="A filter is a repository, a colon, and a regular expression: '.*' stands for every tag.",
            example=_line(repositories, pattern or ".*"),
        )
    if len(pattern) > _MOST or len(repositories) > _MOST:
        raise BadInputError("That filter is too long.", expected=f"{_MOST} characters at most.", example=_EXAMPLE)
    try:
        TagFilter(pattern, search=True)
    except BadInputError as error:
        error.example = _line(repositories, "^pr-")
        raise
    return registry, repositories, pattern


def _line(repositories: str, pattern: str) -> str:
    """Give a command that works, with as much of what was typed as can be used."""
    try:
        repositories = parse_reference(repositories).repository
    except BadInputError:
        repositories = "app"
    try:
        TagFilter(pattern, search=True)
    except BadInputError:
        pattern = "^pr-"
    return f"{_quoted(f'{repositories}:{pattern}')} --ago 30d"


def _quoted(filter_: str) -> str:
    return f"/acr purge {shlex.quote(filter_ if len(filter_) <= _SHOWN else 'app:^pr-')}"


PURGE_USAGES = {
    "purge": Usage(
        _purge,
        ("--ago", "--filter", "--f", "--keep", "--concurrency", "--registry", "--r"),
        "Give a repository, a colon, and a regular expression to search for in its tags.",
        "'app:^pr-' --ago 30d",
        Group.FIND,
        (
            Example("purge 'REPO:^pr-' --ago 30d", "the tags that match and are old, as acr purge finds them, safer"),
            Example(
                "purge 'REPO:.*' --ago 30d --untagged --keep 3",
                "such tags and the manifests left without one; the newest 3 of each stay",
            ),
        ),
        form=Form(
            "Tags that match and are old, as acr purge does",
            (
                Field(
                    "tags",
                    TAGS,
                    "Tags with",
                    "^pr-",
                    "A regular expression that is searched for in each tag: ^pr- is how it begins, .* is every tag.",
                    needed=True,
                ),
                Field("age", "--ago", "Not changed for", "30d", "Days, hours, minutes: 30d, 12h.", needed=True),
                KEEP,
                Field("left", "--untagged", "Manifests left without a tag", "Delete them, too", kind=Kind.TICK),
            ),
        ),
        flags=("--untagged", "--dry-run", "--untagged-only", "--include-locked"),
        needs_word=False,
        needs=(":^pr-", "--ago 30d"),
    ),
}
