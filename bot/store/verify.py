"""Finding out whether the record of deeds is what was recorded: nothing changed, removed, moved or put in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.proposal import Deed
from bot.store.chain import GENESIS, link, seal

_TOLD = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the chain, from 1, and the hash there; 0 and GENESIS where there is no row yet."""

    position: int
    hash: str

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: ``rows`` were looked at, ``end`` is the chain's last place as its rows say.

    ``findings`` says in words what is wrong, at most a hundred of it; ``count`` is how much there is. ``loose``: some
    rows are in no chain, which ``audit adopt`` can mend.
    """

    rows: int
    end: Place
    findings: tuple[str, ...]
    count: int
    loose: bool


class Verifier:
    """Is shown every row in the order of ids, then gives the verdict.

    ``known`` is a place that somebody has noted earlier: whoever can write to the database can make a whole new chain,
    but not one that has that hash there.
    """

    def __init__(self, known: Place | None = None) -> None:
        self._known = known
        self._rows = 0
        self._before = self._end = Place(0, GENESIS)
        self._gaps: list[tuple[int, int]] = []
        self._loose: dict[int, str] = {}
        self._adopted: dict[int, str] = {}
        self._findings: list[str] = []
        self._count = 0

    def see(self, row: Mapping[Any, Any]) -> None:
        """Look at the next row."""
        self._rows += 1
        if row["position"] is None:
            self._loose[row["id"]] = seal(row)
            return
        here = Place(row["position"], str(row["hash"]))
        self._place(row["id"], here)
        if self._before.position + 1 == here.position and link(self._before.hash, here.position, row) != here.hash:
            self._find(f"Row {row['id']} ({_what(row)}) was changed, or the one before it was replaced.")
        elif row["deed"] == Deed.ADOPTED:
            self._adopted |= adopted_by(row["detail"])
        if self._known is not None and here.position == self._known.position and here.hash != self._known.hash:
            self._find(f"Row {row['id']} has another hash than the one noted: what is up to there was rewritten.")
        self._before = here

    def verdict(self, head: Place | None) -> Verdict:
        """Say what was found. ``head`` is the end of the chain as it is on record, None where it is missing."""
        for first, last in self._gaps:
            which = f"Place {first} is" if first == last else f"Places {first} to {last} are"
            self._find(
                f"{which} missing: {_rows(last - first + 1)} removed. So place {last + 1} can't be checked either."
            )
        self._check_end(head)
        if self._known is not None and self._end.position < self._known.position:
            self._find(f"The record ends at place {self._end.position}, before the one noted: it was cut.")
        for number, of_it in self._loose.items():
            if number not in self._adopted:
                self._find(
                    f"Row {number} is in no chain: a version before this one wrote it while it was being replaced, or "
                    "somebody put it in by hand."
                )
            elif self._adopted[number] != of_it:
                self._find(f"Row {number} was changed since it was taken into the record.")
        for number in self._adopted.keys() - self._loose.keys():
            self._find(f"Row {number} is missing: it was removed since it was taken into the record.")
        loose = bool(self._loose.keys() - self._adopted.keys())
        return Verdict(self._rows, self._end, tuple(self._findings), self._count, loose)

    def _place(self, number: int, here: Place) -> None:
        end = self._end.position
        if here.position > end:
            if here.position > end + 1:
                self._gaps.append((end + 1, here.position - 1))
            self._end = here
        elif self._fill(here.position):
            self._find(f"Row {number} stands out of order: its place is {here.position}.")
        else:
            self._find(f"Row {number} was put in: there is another at its place {here.position}.")

    def _fill(self, position: int) -> bool:
        for number, (first, last) in enumerate(self._gaps):
            if first <= position <= last:
                rest = [(first, position - 1), (position + 1, last)]
                self._gaps[number : number + 1] = [gap for gap in rest if gap[0] <= gap[1]]
                return True
        return False

    def _check_end(self, head: Place | None) -> None:
        end = self._end.position
        if head is None:
            self._find("The end of the chain is not on record any more: the table event_head was emptied.")
        elif head.position > end:
            self._find(f"At the end {_rows(head.position - end)} removed: the record goes to place {head.position}.")
        elif head.position < end:
            self._find(
                f"At the end {_rows(end - head.position)} put in by hand: the record goes to place {head.position}."
            )
        elif head.hash != self._end.hash:
            self._find("The end of the chain has another hash than the last row.")

    def _find(self, what: str) -> None:
        self._count += 1
        if len(self._findings) < _TOLD:
            self._findings.append(what)


def _rows(count: int) -> str:
    return "1 row was" if count == 1 else f"{count} rows were"


def _what(row: Mapping[Any, Any]) -> str:
    return f"{row['deed']} by {row['actor']} at {row['at']:%Y-%m-%d %H:%M UTC}"


def adopted_by(detail: Any) -> dict[int, str]:
    """Give the rows that a deed of adoption names, each with its hash. One that names none in that form adopts none."""
    rows = detail.get("rows") if isinstance(detail, dict) else None
    if not isinstance(rows, dict):
        return {}
    return {int(number): str(of_it) for number, of_it in rows.items() if number.isascii() and number.isdecimal()}
