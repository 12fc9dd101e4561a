"""All situations, in the order of the table."""

from types import ModuleType

from tests.selection import attachments, bodies, indexes, locks, media_types, rules
from tests.selection.scene import Situation


def _of(module: ModuleType) -> list[Situation]:
    return [value for value in vars(module).values() if isinstance(value, Situation)]


ALL: tuple[Situation, ...] = tuple(
    each for module in (media_types, indexes, attachments, locks, bodies, rules) for each in _of(module)
)
