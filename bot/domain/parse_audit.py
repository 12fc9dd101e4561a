"""The command about the record: ``audit``."""

from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.audit import Audit, since_when
from bot.domain.reference import clip, parse_reference
from bot.errors import BadInputError


def _audit(asked: Asked) -> Audit:
    since, repository = asked.options.get("--since", ""), asked.options.get("--repo", "")
    if "--since" in asked.options:
        try:
            since_when(since)
        except BadInputError as error:
            error.example = f"{asked.line} --since 30d"
            raise
    if "--repo" not in asked.options:
        return Audit(since, "", registry_of(asked))
    try:
        reference = parse_reference(repository)
    except BadInputError as error:
        error.example = f"{asked.line} --repo team/app"
        raise
    if reference.is_glob or reference.tag or reference.digest:
        raise BadInputError(
            f"--repo: {clip(repository)!r} is not the name of one repository.",
            expected="The record is of whole repositories, one or all.",
            example=f"{asked.line} --repo team/app",
        )
    return Audit(since, reference.repository, registry_of(asked, reference))


AUDIT_USAGES = {
    "audit": Usage(
        _audit,
        ("--since", "--repo", "--registry"),
        "What it is about goes behind an option.",
        "",
        Group.LOOK,
        (
            Example("audit --since 30d", "who asked, decided, was refused, and what was done, as CSV; for approvers"),
            Example("audit --repo REPO", "the same of one repository"),
        ),
        needs_word=False,
        takes_word=False,
    ),
}
