"""What a second try of a run does: the failed, and what was left for their sake."""

from dataclasses import replace

from bot.domain.again import held_by, to_repeat
from bot.domain.plan import Action
from bot.domain.proposal import Outcome, Record
from tests.store.make import items

FAILED = (Outcome.FAILED, "500")
DELETED = (Outcome.DELETED, "")


def run(*ends: tuple[Outcome, str]) -> list[Record]:
    """Give the records of a run that ended like this."""
    return [Record(item, outcome, detail) for item, (outcome, detail) in zip(items(len(ends)), ends, strict=True)]


def spread(records: list[Record]) -> list[Record]:
    """Give the items digests that differ within what a short one shows."""
    found = []
    for record in records:
        item = replace(record.item, digest=f"sha256:{record.item.position + 1:012x}{'0' * 52}")
        found.append(replace(record, item=item))
    return found


def positions(records: list[Record]) -> list[int]:
    """Give the places of what is to be done again."""
    return [record.item.position for record in to_repeat(records)]


def by(number: int) -> tuple[Outcome, str]:
    """Say that an item was left since the one at that position still needed it."""
    return Outcome.SKIPPED, held_by(f"sha256:{number + 1:012x}")


def test_what_a_failed_one_held_back_is_done_again_at_any_depth() -> None:
    """An index of indexes that could not be deleted takes all that it holds with it, in the order of deletion."""
    records = spread(run(FAILED, by(0), DELETED, by(1), by(0)))
    assert positions(records) == [0, 1, 3, 4]


def test_what_is_kept_after_all_is_not_done_again() -> None:
    """Neither what was skipped for a reason of its own, nor what that one needs."""
    records = spread(run(FAILED, (Outcome.SKIPPED, "tagged since"), by(1), DELETED))
    assert positions(records) == [0]


def test_one_repository_holds_nothing_back_in_another() -> None:
    """The same digest may be in both, and fail in one alone."""
    first, second = spread(run(FAILED, by(0)))
    assert positions([first, replace(second, item=replace(second.item, repository="other"))]) == [0]


def test_a_tag_that_could_not_be_removed_holds_nothing_back() -> None:
    """Only a manifest that is still there needs others."""
    first, second = spread(run(FAILED, by(0)))
    assert positions([replace(first, item=replace(first.item, action=Action.UNTAG, tag="v1")), second]) == [0]


def test_where_nothing_failed_there_is_nothing_to_do_again() -> None:
    """What was skipped alone is no reason for a second try."""
    assert positions(spread(run(DELETED, by(0), (Outcome.GONE, "")))) == []
