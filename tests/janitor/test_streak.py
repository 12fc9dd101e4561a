"""When a run breaks off: by what whole chunks came to, whatever the order in which their steps ended."""

import itertools

from bot.janitor.streak import Streak


def streak(*chunks: str, most: int = 3) -> list[bool]:
    """Play chunks, each a word of steps in the order in which they end: a plus for a success, else the step's name."""
    played = Streak(most)
    enough = []
    for chunk in chunks:
        for step in chunk:
            if step == "+":
                played.succeed()
            else:
                played.fail(step)
        enough.append(played.end_chunk())
    return enough


def test_a_chunk_without_a_success() -> None:
    """Breaks off once enough have failed, in one chunk or over several."""
    assert streak("abc") == [True]
    assert streak("ab", "", "c") == [False, False, True]


def test_a_success_anywhere_in_a_chunk() -> None:
    """Ends the streak: what failed after it in the same chunk counts as little as what failed before."""
    for order in set(itertools.permutations("ab+")):
        for next_order in set(itertools.permutations("cd+")):
            assert streak("".join(order), "".join(next_order)) == [False, False]
    assert streak("+abcdefg") == [False]
    assert streak("ab", "+", "cd", "e") == [False, False, False, True]


def test_the_same_step_again() -> None:
    """A step that fails as often as it is tried is one step."""
    assert streak("a", "a", "a", "ab", "c") == [False, False, False, False, True]
