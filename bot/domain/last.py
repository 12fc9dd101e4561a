"""The last tagged image of a repository: no rule takes it, whatever else it selects.

A tagged image is a manifest with a tag that somebody gave it; a signature's tag is none (``Graph.is_loose``).
"""

from collections.abc import Container, Iterable, Mapping

from bot.domain.graph import Graph, named_in_tag
from bot.domain.manifest import Manifest, Snapshot, Tag
from bot.domain.reason import Reason, Why
from bot.domain.rule import Rule

LAST = Reason(Why.LAST_TAGGED)


def is_guarded(rule: Rule) -> bool:
    """Whether this rule must leave one tagged image: only who names something may take the last one."""
    return rule.protection.keep_last and rule.tagged and not rule.by_name


def tagged_images(snapshot: Snapshot, graph: Graph) -> list[Manifest]:
    """Give all tagged images of a repository."""
    live = (snapshot.manifests[digest] for digest in graph.live)
    return [manifest for manifest in live if not graph.is_loose(manifest)]


def last_tagged(snapshot: Snapshot, graph: Graph, kept: Container[str]) -> str:
    """Give the digest of the tagged image that has to stay: the latest, where none is in ``kept``; else nothing."""
    images = tagged_images(snapshot, graph)
    if not images or any(manifest.digest in kept for manifest in images):
        return ""
    return latest(graph, images).digest


def latest(graph: Graph, images: Iterable[Manifest]) -> Manifest:
    """Give the image that changed last; of those that did at once, the one with the most parts."""
    return max(images, key=lambda found: (found.changed, graph.parts(found.digest), found.digest))


def tags_to_spare(
    snapshot: Snapshot, graph: Graph, gone: Container[str], going: Mapping[str, Tag], *, best: str = ""
) -> set[str]:
    """Give those of the tags which go that have to stay, so that one image keeps a tag; mostly there are none.

    ``gone``: digests that are deleted as a whole. ``going``: the tags that would be removed, by name. ``best``: the
    image that keeps its tags if it comes to that, where one is chosen already.
    """
    losing: list[Manifest] = []
    for manifest in tagged_images(snapshot, graph):
        if manifest.digest in gone:
            continue
        if any(tag not in going and not named_in_tag(tag) for tag in manifest.tags):
            return set()
        losing.append(manifest)
    hit = {tag.digest for tag in going.values()}
    losing = [manifest for manifest in losing if manifest.digest in hit]
    if not losing:
        return set()
    stays = next((manifest for manifest in losing if manifest.digest == best), None) or latest(graph, losing)
    return {tag for tag in stays.tags if tag in going}
