from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import text
from tests.blocks.samples import NOW, names


@pytest.mark.parametrize(
    ("n_bytes", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1 MiB"),
        (13_314_398_618, "12.4 GiB"),
        (1024**4 * 7, "7 TiB"),
        (1024**5 * 2000, "2,000 PiB"),
    ],
)
def test_sizes_are_in_units_of_1024(n_bytes: int, shown: str) -> None:
    """A size has one decimal at most, and never 1024 of a unit that has a larger one."""
    assert text.size(n_bytes) == shown


@pytest.mark.parametrize(
    ("since", "shown"),
    [
        (timedelta(seconds=-5), "under a minute"),
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=3, hours=20), "3 days"),
        (timedelta(days=59), "59 days"),
        (timedelta(days=60), "60 days"),
        (timedelta(days=61), "2 months"),
        (timedelta(days=365), "12 months"),
        (timedelta(days=729), "23 months"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_ages_are_rounded_down(since: timedelta, shown: str) -> None:
    """An age never claims more than has passed."""
    assert text.age(NOW - since, NOW) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(0), "0 s"),
        (timedelta(hours=24), "24 h"),
        (timedelta(days=7), "7 days"),
        (timedelta(days=1, hours=12), "36 h"),
        (timedelta(days=3, hours=5, minutes=9), "3 d 5 h"),
        (timedelta(minutes=3, seconds=20), "3 min 20 s"),
    ],
)
def test_durations_read_like_settings(span: timedelta, shown: str) -> None:
    """A duration has its two largest units, and whole days are days from two on."""
    assert text.duration(span) == shown


def test_numbers_agree_with_their_nouns() -> None:
    """One is singular, all else plural, and thousands are parted."""
    assert [text.plural(n, "manifest") for n in (0, 1, 10_000)] == ["0 manifests", "1 manifest", "10,000 manifests"]
    assert text.plural(2, "repository", "repositories") == "2 repositories"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_lists_are_joined_as_people_do(words: list[str], shown: str) -> None:
    """What is too much is counted."""
    assert text.join(words) == shown


def test_mentions_are_made_from_ids_only() -> None:
    """Users, groups and channels are mentioned; anything else pings nobody."""
    assert text.mention("U0ANNA") == "<@U0ANNA>"
    assert text.mention("W0ANNA") == "<@W0ANNA>"
    assert text.mention("S0TEAM") == "<!subteam^S0TEAM>"
    assert text.mention("C0TEAM") == "<#C0TEAM>"
    assert text.mention("U1> <!channel") == "`U1&gt; &lt;!channel`"
    assert text.actor("app") == "this app"
    assert text.actor("") == "nobody"


def test_dates_are_shown_in_the_readers_zone_and_fall_back_to_utc() -> None:
    """A moment is a Slack date whose fallback is readable by itself."""
    assert text.date(NOW) == "<!date^1795446000^{date_short_pretty} at {time}|2026-11-23 15:00 UTC>"


def test_code_shows_names_as_they_are() -> None:
    """An ordinary name is not touched; formatting in a name is text; what can't be seen is shown."""
    assert text.code("team/my-app_1.x") == "`team/my-app_1.x`"
    assert text.code("*a* <!channel> & ~b~") == "`*a* &lt;!channel&gt; &amp; ~b~`"
    assert text.code("a`b") == "`a\u02cbb`"
    assert text.code("a\u202eb\n") == "`a\\u202eb\\n`"
    assert text.code("") == "`(none)`"
    assert text.code(" ") == "`␣`"


def test_long_names_keep_both_ends() -> None:
    """A clipped name shows its start and its end, for names often differ there alone."""
    assert text.clip_middle("team/very/long/name", 9) == "team…name"
    assert text.clip("very long", 6) == "very…"


@given(name=names, most=st.integers(20, 256))
def test_code_never_outgrows_its_room(name: str, most: int) -> None:
    """With all escapes, code is as long as was allowed at most, and has no backtick but its own."""
    shown = text.code(name, most)
    assert len(shown) <= most + 2
    assert shown.count("`") == 2
    assert not set("<>\n") & set(shown)


@given(words=st.text(max_size=400) | names, most=st.integers(20, 300))
def test_free_text_never_outgrows_its_room(words: str, most: int) -> None:
    """With all escapes, free text is as long as was allowed at most, and is never empty."""
    shown = text.said(words, most)
    assert 0 < len(shown) <= most
    assert not set("<>`") & set(shown)


def test_free_text_keeps_lines_and_joined_emoji() -> None:
    """A reason over several lines stays so, and a family stays one emoji."""
    assert text.said("one\ntwo \U0001f469\u200d\U0001f467", 100) == "one\ntwo \U0001f469\u200d\U0001f467"


def test_a_link_needs_an_address() -> None:
    """Without an address the words stand alone."""
    assert text.link("https://x.example/a|b", "Proposed") == "<https://x.example/a%7Cb|Proposed>"
    assert text.link("", "Proposed") == "Proposed"
