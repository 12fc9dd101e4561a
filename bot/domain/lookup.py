"""Finding the one manifest that somebody means by a tag or by the beginning of a digest."""

from collections.abc import Iterable
from itertools import islice

from bot.domain.graph import Graph
from bot.domain.manifest import Snapshot
from bot.domain.reason import short
from bot.domain.reference import Reference, is_digest_start, nearest
from bot.errors import BadInputError

_LISTED = 5
# A repository may have a hundred thousand tags; so many are compared with a mistyped one.
_COMPARED = 5_000


def find_manifest(snapshot: Snapshot, graph: Graph, reference: Reference) -> str:
    """Give the digest of the manifest that a reference to this repository names by tag or by (a part of) its digest.

    Raises BadInputError: with the nearest tags where the tag is not there, with what begins alike where the digest is
    ambiguous, with what still refers to it where the repository has it no more.
    """
    if reference.tag:
        return _by_tag(snapshot, reference)
    found = _beginning(snapshot.manifests, reference.digest)
    if len(found) == 1:
        return found[0]
    if found:
        longer = _told_apart(found)[:_LISTED]
        rest = f" and {len(found) - len(longer)} more" if len(found) > len(longer) else ""
        raise BadInputError(
            f"{len(found)} manifests of {reference.repository} begin with {_clip(reference.digest)}.",
            expected=f"They are {', '.join(longer)}{rest}. Give more of the one you mean.",
            example=f"/acr untagged {reference.repository}@{longer[0]}",
        )
    raise _not_there(graph, reference)


def _by_tag(snapshot: Snapshot, reference: Reference) -> str:
    for tag in snapshot.tags:
        if tag.name == reference.tag and tag.digest in snapshot.manifests:
            return tag.digest
    for digest, manifest in snapshot.manifests.items():
        if reference.tag in manifest.tags:
            return digest
    repository = reference.repository
    names = dict.fromkeys(tag for manifest in snapshot.manifests.values() for tag in manifest.tags)
    near = nearest(reference.tag, islice(names, _COMPARED))
    example = f"{repository}:{near[0]}" if near else repository
    expected = f"The nearest tags are {', '.join(map(_clip, near))}." if near else "No tag of it is like that."
    digests = _beginning(snapshot.manifests, reference.tag) if is_digest_start(reference.tag) else []
    if digests:
        example = f"{repository}@{reference.tag}"
        expected = (
            f"But {'a digest begins' if len(digests) == 1 else 'digests begin'} with that: put @ before a digest."
        )
    elif not names:
        expected = "It has no tags at all."
    raise BadInputError(
        f"There is no tag {_clip(reference.tag)} in {repository}.",
        expected=expected,
        example=f"/acr untagged {example}",
    )


def _not_there(graph: Graph, reference: Reference) -> BadInputError:
    """Say that no manifest has that digest, and what of the repository refers to it all the same."""
    repository = reference.repository
    lost = _beginning({digest for missing in graph.missing.values() for digest in missing}, reference.digest)
    if len(lost) == 1:
        by = [index for index, missing in graph.missing.items() if lost[0] in missing]
        return BadInputError(
            f"{repository} does not have {short(lost[0])}, but {_images(by)} it.",
            expected="It was deleted, or never pushed, and whoever pulls that image for its platform gets an error.",
            example=f"/acr untagged {repository}@{short(by[0])}",
        )
    lost = _beginning((digest for digest in graph.attachments if digest not in graph.live), reference.digest)
    if len(lost) == 1:
        attached = graph.attachments[lost[0]]
        return BadInputError(
            f"{repository} does not have {short(lost[0])}, but a signature or another attachment of it is left: "
            f"{short(attached[0])}.",
            expected="The image itself was deleted, or lives elsewhere.",
            example=f"/acr untagged {repository}@{short(attached[0])}",
        )
    return BadInputError(
        f"No manifest of {repository} begins with {_clip(reference.digest)}.",
        expected="It may be deleted, or in another repository.",
        example=f"/acr untagged {repository}",
    )


def _images(indexes: list[str]) -> str:
    if len(indexes) == 1:
        return f"its multi-arch image {short(indexes[0])} lists"
    return f"{len(indexes)} multi-arch images of it (such as {short(indexes[0])}) list"


def _beginning(digests: Iterable[str], start: str) -> list[str]:
    """Give the digests that begin with ``start``, with or without the algorithm before it."""
    if ":" in start:
        return sorted(digest for digest in digests if digest.startswith(start))
    return sorted(digest for digest in digests if digest.partition(":")[2].startswith(start))


def _told_apart(digests: list[str]) -> list[str]:
    """Shorten digests to what tells each from the others."""
    whole = [digest.partition(":")[2] for digest in digests]
    length = 12
    while len({digest[:length] for digest in whole}) < len(whole):
        length += 4
    return [digest[:length] for digest in whole]


def _clip(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
