"""What the commands are asked: the options of ``acr-janitor scan`` as they were typed, and the rule that they make."""

import enum
from dataclasses import dataclass
from datetime import datetime

from bot import durations, moments
from bot.domain.reference import Reference, parse_reference
from bot.domain.rule import Protection, Rule, TagFilter
from bot.errors import BadInputError

COMMAND = "acr-janitor scan"


class Output(enum.StrEnum):
    """The forms of the result."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Form(enum.StrEnum):
    """The forms of what the doctor says."""

    TEXT = "text"
    JSON = "json"


class Export(enum.StrEnum):
    """The forms of an export of the record."""

    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """The options as they were typed; None and False where they were left out."""

    repository: str
    registry: str = ""
    min_age: str | None = None
    older_than: str | None = None
    before: str | None = None
    tagged: bool = False
    untagged: bool = False
    tags: str | None = None
    keep: int = 0
    output: Output = Output.TABLE
    everything: bool = False
    exit_code: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options mean."""

    reference: Reference
    registry: str
    rule: Rule


def understand(options: ScanOptions, protection: Protection, now: datetime) -> Asked:
    """Read the options. Raises BadInputError.

    ``--min-age`` narrows what is asked for; ``--older-than`` and ``--before`` are about all that is old, tagged or not,
    as ``--tags`` is about what is tagged. ``--tagged`` and ``--untagged`` always say it outright.
    """
    reference = parse_reference(options.repository)
    if reference.tag or reference.digest:
        raise BadInputError(
            f"{str(reference)!r} names one manifest.",
            expected="This command looks through whole repositories.",
            example=f"{COMMAND} {reference.repository}",
        )
    if options.registry and reference.registry and options.registry.lower() != reference.registry:
        raise BadInputError(
            f"Two registries are named: {reference.registry} and {options.registry}.",
            expected="Name the registry once, before the repository or with --registry.",
            example=f"{COMMAND} {reference.repository} --registry {options.registry}",
        )
    about_age = options.older_than is not None or options.before is not None
    tags = options.tags or ""
    TagFilter(tags)
    return Asked(
        reference=Reference(reference.repository),
        registry=options.registry or reference.registry,
        rule=Rule(
            untagged=options.untagged or not (options.tagged or tags),
            tagged=options.tagged or bool(tags) or (about_age and not options.untagged),
            before=_before(options, now),
            tags=tags,
            keep_newest=options.keep,
            protection=protection,
        ),
    )


def _before(options: ScanOptions, now: datetime) -> datetime | None:
    ages = {"--min-age": options.min_age, "--older-than": options.older_than, "--before": options.before}
    given = {option: value for option, value in ages.items() if value is not None}
    if len(given) > 1:
        raise BadInputError(
            f"{' and '.join(given)} each set an age.",
            expected="Give one of them.",
            example=f"{COMMAND} myrepo --older-than 30d",
        )
    for option, value in given.items():
        try:
            return moments.parse_moment(value) if option == "--before" else now - durations.parse_duration(value)
        except ValueError as error:
            before = option == "--before"
            raise BadInputError(
                f"{option}: {error}",
                expected=f"{moments.EXPECTED} Without a zone it is UTC." if before else durations.EXPECTED,
                example=f"{COMMAND} myrepo {option} {'2019-04-05' if before else '30d'}",
            ) from error
    return None
