"""What a manifest is called where one line is all there is for it."""

from bot.blocks.text import clip, name
from bot.domain.graph import subject_of_tag
from bot.domain.manifest import Kind, Manifest
from bot.domain.reason import short

ATTESTED = "unknown/unknown"  # the platform by which buildx lists what it attests

_TAGS_MOST = 3
_WHAT_MOST = 26

# By what stands in an artifact's type: these have many spellings.
_ARTIFACTS = (
    ("signature", "signature"),
    ("simplesigning", "signature"),
    ("sigstore.bundle", "signature"),
    ("spdx", "SBOM"),
    ("cyclonedx", "SBOM"),
    ("sbom", "SBOM"),
    ("in-toto", "attestation"),
    ("attestation", "attestation"),
    ("helm", "Helm chart"),
)
# By the end of the tags that cosign gives; without one it is where clients list the referrers.
_COSIGN = {".sig": "signature", ".att": "attestation", ".sbom": "SBOM", "": "list of attachments"}
_KINDS = {Kind.IMAGE: "image", Kind.INDEX: "multi-arch", Kind.ARTIFACT: "artifact", Kind.UNKNOWN: "unknown type"}


def what_it_is(manifest: Manifest) -> str:
    """``linux/arm64``, ``multi-arch``, ``signature``, ``SBOM``; for anything else what its type says."""
    if manifest.tags and not tags_of(manifest):
        ends = [tag.partition(".")[2] for tag in manifest.tags]
        return _COSIGN.get(f".{ends[0]}" if ends[0] else "", "attachment")
    if manifest.artifact_type:
        said = manifest.artifact_type.lower()
        known = next((word for part, word in _ARTIFACTS if part in said), "")
        return known or name(manifest.artifact_type.removeprefix("application/"), _WHAT_MOST)
    if manifest.platform == ATTESTED:
        return "attestation"
    return name(manifest.platform or _KINDS[manifest.kind], _WHAT_MOST)


def tags_of(manifest: Manifest) -> tuple[str, ...]:
    """Give the tags that somebody gave it: not those that say what it is attached to."""
    return tuple(tag for tag in manifest.tags if not subject_of_tag(tag))


def tag_cell(tag: str, most: int) -> str:
    """Name a tag in a table, one that says what it is attached to short: whole, it would push columns out."""
    return name(tag, min(most, 24) if subject_of_tag(tag) else most)


def tag_list(manifest: Manifest, most: int) -> str:
    """``v2.4.1, latest and 3 more``, in at most so many characters; empty for none."""
    tags = tags_of(manifest)
    shown = ", ".join(name(tag, 40) for tag in tags[:_TAGS_MOST])
    rest = f" and {len(tags) - _TAGS_MOST} more" if len(tags) > _TAGS_MOST else ""
    return clip(shown, max(8, most - len(rest))) + rest


def short_digest(digest: str) -> str:
    """Give the 12 characters that stand for a digest."""
    return name(short(digest), 16)


def label(manifest: Manifest) -> str:
    """Name a manifest on one line: its digest, what it is, its tags."""
    return "  ".join(filter(None, (short_digest(manifest.digest), what_it_is(manifest), tag_list(manifest, 30))))


def in_sentence(manifest: Manifest) -> str:
    """Name a manifest within a sentence: its digest, and its tags where somebody gave it some."""
    tags = tag_list(manifest, 60)
    return short_digest(manifest.digest) + (f" ({tags})" if tags else "")
