"""Values to draw: believable ones by hand, hostile ones by hypothesis."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.domain.manifest import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST
from bot.domain.plan import Item, Plan, Staying
from bot.domain.proposal import Outcome, Proposal, Record, State, Tally
from bot.domain.reason import KEEPING, Why, headline
from bot.domain.rule import Protection, Rule
from bot.domain.share import Share

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
GIB = 1024**3

RULE = Rule(protection=Protection(keep_tags=("latest", "release-*")))


def digest(number: int) -> str:
    """Make a digest that is told apart by its first characters."""
    return f"sha256:{number * 2654435761 % 2**32:08x}{number:056x}"


def item(number: int, **changed: Any) -> Item:
    """Make one untagged image of 300 MiB, as many days old as its number says."""
    then = NOW - timedelta(days=number + 2)
    values: dict[str, Any] = {
        "position": number,
        "rank": 0,
        "repository": "myrepo",
        "digest": digest(number),
        "media_type": OCI_MANIFEST,
        "platform": "linux/amd64",
        "size": 300 * 1024**2,
        "created": then,
        "updated": then,
        "why": Why.UNTAGGED,
        "reason": "untagged",
    }
    return Item(**{**values, **changed})


def items(count: int) -> tuple[Item, ...]:
    """Make so many of them."""
    return tuple(item(number) for number in range(count))


def plan(count: int = 37, **changed: Any) -> Plan:
    """Make a plan for one repository."""
    values: dict[str, Any] = {
        "registry": "myregistry",
        "target": "myrepo",
        "rule": RULE,
        "items": items(count),
        "taken": NOW,
        "repositories": ("myrepo",),
        "manifests": count + 175,
        "kept": {Why.GRACE: 10, Why.TAGGED: 120, Why.PART_OF_INDEX: 40, Why.LOCKED: 5},
    }
    return Plan(**{**values, **changed})


def proposal(state: State = State.OPEN, **changed: Any) -> Proposal:
    """Make a proposal of 37 manifests in a state, with the fields that it has by then."""
    values: dict[str, Any] = {
        "id": "0a1b2c3d4e5f",
        "team_id": "T1",
        "registry": "myregistry",
        "target": "myrepo",
        "rule": RULE,
        "checksum": "c" * 32,
        "requester": "U0ANNA",
        "channel": "C1",
        "created": NOW,
        "expires": NOW + timedelta(hours=72),
        "item_count": 37,
        "upper_bytes": 37 * 300 * 1024**2,
        "state": state,
    }
    if state not in {State.OPEN, State.EXPIRED}:
        values |= {"decided_by": "U0BORIS", "decided": NOW + timedelta(minutes=5)}
    if state in {State.RUNNING, State.DONE, State.FAILED, State.STOPPED}:
        values |= {"started": NOW + timedelta(minutes=5), "fence": 1}
    if state in {State.DONE, State.FAILED, State.STOPPED}:
        values |= {"finished": NOW + timedelta(minutes=6, seconds=33)}
    return Proposal(**{**values, **changed})


def texts(value: Any) -> list[str]:
    """Collect every string that a payload shows, wherever it is."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for key, part in value.items() if key != "text" or not own for text in texts(part)]
    return [text for part in value for text in texts(part)] if isinstance(value, list) else []


def shown(blocks: list[dict[str, Any]]) -> str:
    """Put every string that blocks show on a line of its own."""
    return "\n".join(texts(blocks))


def mrkdwn(value: Any) -> list[str]:
    """Collect every text of a payload that Slack reads as mrkdwn."""
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [text for part in value.values() for text in mrkdwn(part)]
    return [text for part in value for text in mrkdwn(part)] if isinstance(value, list) else []


def buttons(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Find the buttons by their action id."""
    rows = [block for block in blocks if block["type"] == "actions"]
    return {element["action_id"]: element for row in rows for element in row["elements"]}


def table_rows(blocks: list[dict[str, Any]]) -> list[list[str]]:
    """Give the cells of the only table; no rows where there is none."""
    return [[cell["text"] for cell in row] for block in blocks if block["type"] == "table" for row in block["rows"]]


# What a registry, a settings file or a person could put into a name.
NASTY = (
    "<!channel>",
    "<@U0ANNA>",
    "<https://evil.example|click>",
    "`*~_`" * 30,
    "&" * 256,
    "a" * 256,
    "a/" * 127,
    "\n> quoted\n```",
    "\u202egnp.exe\u0000\ud800",
    "😀" * 128,
    " ",
    "",
    "@here #general mailto:a@b.example",
)
names = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(), max_size=300), st.from_regex(r"[a-z]{1,20}/[a-z]{1,20}")
)
moments = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
counts = st.integers(0, 10**6)
sizes = st.integers(0, 2**60)
ids = st.one_of(st.from_regex(r"[UWS][A-Z0-9]{4,10}", fullmatch=True), names)

rules = st.builds(
    Rule,
    untagged=st.booleans(),
    tagged=st.booleans(),
    before=st.none() | moments,
    tags=names,
    search=st.booleans(),
    keep_newest=st.integers(0, 1000),
    named=st.frozensets(names, max_size=3),
    whole=st.booleans(),
    protection=st.builds(
        Protection,
        grace=st.timedeltas(timedelta(0), timedelta(days=4000)),
        keep_tags=st.lists(names, max_size=8).map(tuple),
        keep_repositories=st.lists(names, max_size=8).map(tuple),
    ),
)
wild_items = st.builds(
    Item,
    position=counts,
    rank=counts,
    repository=names,
    digest=names,
    media_type=st.sampled_from([OCI_INDEX, OCI_MANIFEST, DOCKER_LIST]) | names,
    platform=names,
    size=sizes,
    created=moments,
    updated=moments,
    why=st.sampled_from([why for why in Why if why not in KEEPING]),
    reason=names,
    tags=st.lists(names, max_size=9).map(tuple),
)
details = st.one_of(names, st.sampled_from([f"{headline(why)} (v1)" for why in Why]))
records = st.builds(Record, item=wild_items, outcome=st.sampled_from(Outcome), detail=details, at=st.none() | moments)
plans = st.builds(
    Plan,
    registry=names,
    target=names,
    rule=rules,
    items=st.lists(wild_items, max_size=12).map(tuple),
    taken=moments,
    repositories=st.lists(names, max_size=3).map(tuple),
    manifests=counts,
    kept=st.dictionaries(st.sampled_from(Why), st.integers(1, 10**6)),
    faults=st.dictionaries(names, st.text(max_size=900), max_size=8),
    broken=st.dictionaries(names, st.integers(1, 1000), max_size=8),
)
proposals = st.builds(
    Proposal,
    id=st.text("0123456789abcdef-", min_size=1, max_size=40),
    team_id=st.just("T1"),
    registry=names,
    target=names,
    rule=rules,
    checksum=st.text("0123456789abcdef", min_size=32, max_size=32),
    requester=ids,
    channel=ids,
    created=moments,
    expires=moments,
    item_count=st.integers(1, 10**6),
    upper_bytes=sizes,
    revision=st.integers(1, 10**6),
    state=st.sampled_from(State),
    decided_by=st.one_of(st.sampled_from(["", "app"]), ids),
    decided=st.none() | moments,
    started=st.none() | moments,
    finished=st.none() | moments,
    note=st.text(max_size=3000) | names,
    fence=st.integers(0, 100),
    needs_typed=st.just("") | names,
    staying=st.none() | st.builds(Staying, st.dictionaries(st.sampled_from(Why), counts)),
    share=st.none() | st.builds(Share, names, counts, counts, counts),
)
tallies = st.builds(Tally, st.dictionaries(st.sampled_from(Outcome), st.integers(0, 10**6)), deleted_bytes=sizes)
