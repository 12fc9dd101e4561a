"""The command that says who may approve: ``whocan``."""

from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.reference import Reference, parse_reference
from bot.domain.whocan import WhoCan


def _whocan(asked: Asked) -> WhoCan:
    reference = parse_reference(asked.word, short_digests=True)
    named = Reference(reference.repository, tag=reference.tag, digest=reference.digest)
    return WhoCan(named, registry_of(asked, reference))


WHOCAN_USAGES = {
    "whocan": Usage(
        _whocan,
        ("--registry",),
        "Give the name of a repository, or a pattern for several.",
        "'team/*'",
        Group.LOOK,
        (
            Example("whocan REPO", "who may approve there, how many it takes, which setting says so, and what you may"),
            Example("whocan 'TEAM/*'", "the same of all repositories that match"),
        ),
    ),
}
