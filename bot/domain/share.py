"""How much of what people pull by tag a plan takes: of the repository that it hits hardest, all and what goes."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """Of the ``tagged`` images of ``repository``, ``going`` lose their tags, or go with them.

    ``others``: so many more repositories are hit harder than the settings let pass at a click.
    """

    repository: str
    going: int
    tagged: int
    others: int = 0

    @property
    def all(self) -> bool:
        """Whether no tagged image is left."""
        return self.going == self.tagged

    def above(self, percent: int) -> bool:
        """Whether it is more than a part in the hundred, or all; with 100 it never is."""
        return percent < 100 and (self.all or self.going * 100 > percent * self.tagged)  # noqa: PLR2004 - percent

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON can hold; ``from_json`` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Share":
        """Read what ``to_json`` gave."""
        return cls(str(data["repository"]), int(data["going"]), int(data["tagged"]), int(data["others"]))


def hardest(
    tagged: Mapping[str, Mapping[str, AbstractSet[str]]], gone: Iterable[tuple[str, str, str]], percent: int
) -> Share | None:
    """Find the repository that loses most of its tagged images, where that is above ``percent``; None where none is.

    ``tagged`` has by repository and digest the tags that people gave. ``gone`` names what goes: the repository, the
    digest, and one tag, or none where all of the manifest goes.
    """
    left = {name: {digest: set(tags) for digest, tags in images.items()} for name, images in tagged.items()}
    for repository, digest, tag in gone:
        images = left.get(repository, {})
        if digest in images:
            images[digest] = images[digest] - {tag} if tag else set()
    shares = [
        Share(name, sum(not tags for tags in images.values()), len(images)) for name, images in left.items() if images
    ]
    above = [share for share in shares if share.going and share.above(percent)]
    if not above:
        return None
    worst = max(above, key=lambda share: (share.going / share.tagged, share.going, share.repository))
    return Share(worst.repository, worst.going, worst.tagged, len(above) - 1)
