"""The tables, one to one with the domain's values; `migrations/` makes them and a test holds the two together."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, text

from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.plan import Action, Staying
from bot.domain.proposal import Deed, Outcome, State
from bot.domain.reason import Why
from bot.domain.rule import Rule
from bot.domain.share import Share
from bot.domain.turn import Turn
from bot.store.columns import AsJson, Names, Utc, Words, word_of

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

PROPOSALS = Table(
    "proposals",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("team_id", Words, nullable=False),
    Column("enterprise_id", Words, nullable=False),
    Column("registry", Words, nullable=False),
    Column("target", Words, nullable=False),
    Column("rule", AsJson(Rule), nullable=False),
    Column("checksum", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("requester", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("card_ts", Words, nullable=False),
    Column("drawn", Words, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("upper_bytes", BigInteger, nullable=False),
    Column("state", word_of(State), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("created", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("decided_by", Words, nullable=False),
    Column("decided", Utc),
    Column("started", Utc),
    Column("finished", Utc),
    Column("note", Words, nullable=False),
    Column("measured", AsJson(Freed)),
    Column("checked", AsJson(Completeness)),
    # With defaults, so that an older replica can still propose while it is being replaced.
    Column("stop_by", Words, nullable=False, server_default=text("''")),
    Column("stop_asked", Utc),
    Column("retry_of", Words, nullable=False, server_default=text("''")),
    Column("retried_by", Words, nullable=False, server_default=text("''")),
    Column("retried", Utc),
    Column("replaces", Words, nullable=False, server_default=text("''")),
    Column("replaced_by", Words, nullable=False, server_default=text("''")),
    # For what was proposed before anything had to be typed, a click will do.
    Column("needs_typed", Words, nullable=False, server_default=text("''")),
    Column("staying", AsJson(Staying)),
    Column("share", AsJson(Share)),
    # Few proposals are ever open, approved or running: every query that is not by id starts from those.
    Index(None, "state", "expires"),
)

ITEMS = Table(
    "proposal_items",
    METADATA,
    Column("proposal_id", Words, ForeignKey("proposals.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("rank", Integer, nullable=False),
    Column("repository", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("platform", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created", Utc, nullable=False),
    Column("updated", Utc, nullable=False),
    Column("why", word_of(Why), nullable=False),
    Column("reason", Words, nullable=False),
    Column("tags", Names, nullable=False),
    Column("outcome", word_of(Outcome), nullable=False),
    Column("detail", Words, nullable=False),
    Column("settled_at", Utc),
    # What was proposed before there were other actions is a delete.
    Column("action", word_of(Action), nullable=False, server_default=Action.DELETE.value),
    Column("tag", Words, nullable=False, server_default=text("''")),
)

# Who has approved which revision, in a workspace. What a vote covers is looked up again with every later one.
VOTES = Table(
    "votes",
    METADATA,
    Column("proposal", Words, ForeignKey("proposals.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("user", Words, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("team_id", Words, nullable=False),
    Column("enterprise_id", Words, nullable=False),
    Column("covers", Names, nullable=False),
)

# Append-only: triggers refuse every UPDATE and DELETE (see the first migration).
EVENTS = Table(
    "events",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("deed", word_of(Deed), nullable=False),
    Column("actor", Words, nullable=False),
    Column("proposal", Words, nullable=False),
    Column("team_id", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("detail", JSON(none_as_null=True)),
    # With defaults, so that an older replica can still append while it is being replaced.
    Column("enterprise_id", Words, nullable=False, server_default=text("''")),
    Column("checksum", Words, nullable=False, server_default=text("''")),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    # The place in the chain, from 1, and the hash there (see chain.py). None where an older version has written it.
    Column("position", BigInteger),
    Column("hash", Words),
    Index(None, "proposal", "id"),
    # An id is never given twice, whatever happens to the file.
    sqlite_autoincrement=True,
)

# One row: how long the chain over the events is, and its last hash. Who appends locks it until the transaction ends.
EVENT_HEAD = Table(
    "event_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", Words, nullable=False),
)

BODIES = Table(
    "bodies",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("body", JSON, nullable=False),
)

# Who asked for a weekly report in Slack; the teams of the settings file are not here.
SUBSCRIPTIONS = Table(
    "subscriptions",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("team_id", Words, nullable=False),
    Column("enterprise_id", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("registry", Words, nullable=False),
    Column("glob", Words, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("at", Words, nullable=False),
    Column("zone", Words, nullable=False),
    Column("made_by", Words, nullable=False),
    Column("since", Utc, nullable=False),
    # Whoever subscribes again changes what there is.
    Index(None, "team_id", "channel", "registry", "glob", unique=True),
)

# What holds a schedule up, be it a subscription's or a team's of the settings file. No row: nothing does.
SCHEDULES = Table(
    "schedules",
    METADATA,
    Column("key", Words, primary_key=True),
    Column("snoozed_until", Words, nullable=False),
    Column("paused_why", Words, nullable=False),
    Column("changed_by", Words, nullable=False),
    Column("changed", Utc, nullable=False),
)

# One row for each schedule and week, written by the replica that takes the turn: see Turns.
TURNS = Table(
    "report_turns",
    METADATA,
    Column("schedule", Words, primary_key=True),
    Column("slot", Words, primary_key=True),
    Column("state", word_of(Turn), nullable=False),
    Column("holder", Words, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("leased_until", Utc, nullable=False),
    Column("taken", Utc, nullable=False),
    Column("channel", Words, nullable=False),
    Column("ts", Words, nullable=False),
    Column("note", Words, nullable=False),
)

# What each repository held when it was looked at for a report.
FIGURES = Table(
    "figures",
    METADATA,
    Column("registry", Words, primary_key=True),
    Column("repository", Words, primary_key=True),
    Column("taken", Utc, primary_key=True),
    Column("manifests", Integer, nullable=False),
    Column("tags", Integer, nullable=False),
    Column("untagged", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("stale", Integer, nullable=False),
    Column("stale_size", BigInteger, nullable=False),
    Column("stored", BigInteger, nullable=False),
    Column("stored_stale", BigInteger, nullable=False),
    Column("unread", Integer, nullable=False),
    Column("oldest", Utc),
    Column("pushed", Utc),
    Column("fault", Words, nullable=False),
    # What is old enough to be forgotten is found by it.
    Index(None, "taken"),
)

# When a schedule's report was made: the figures of that time are the ones to compare with.
LOOKS = Table(
    "looks",
    METADATA,
    Column("schedule", Words, primary_key=True),
    Column("taken", Utc, primary_key=True),
)

# What became of the reminder of a proposal: see Reminders. No row: there was none yet.
REMINDERS = Table(
    "reminders",
    METADATA,
    Column("proposal", Words, primary_key=True),
    Column("outcome", Words, nullable=False),
)

# The direct messages that tell those who may approve. The row of the empty user says that all who are told are listed.
COPIES = Table(
    "copies",
    METADATA,
    Column("proposal", Words, primary_key=True),
    Column("user", Words, primary_key=True),
    Column("channel", Words, nullable=False),
    Column("ts", Words, nullable=False),
    Column("shown", Words, nullable=False),
    Column("gone", Words, nullable=False),
)

# Whose Home tab is kept up to date: those who have opened it, and when they last did.
HOMES = Table(
    "homes",
    METADATA,
    Column("team_id", Words, primary_key=True),
    Column("user", Words, primary_key=True),
    Column("opened", Utc, nullable=False),
    Column("enterprise_id", Words, nullable=False, server_default=text("''")),
)

# Who does something for a while, by a name of what is done. One that has run out is as good as none.
CLAIMS = Table(
    "claims",
    METADATA,
    Column("key", Words, primary_key=True),
    Column("holder", Words, nullable=False),
    Column("until", Utc, nullable=False),
)

# The registries that somebody has frozen, by their name in the settings.
FREEZES = Table(
    "freezes",
    METADATA,
    Column("registry", Words, primary_key=True),
    Column("by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("since", Utc, nullable=False),
)

# One row: the oldest revision whose program may still work with this schema. A migration that is not additive moves it.
SCHEMA_FLOOR = Table("schema_floor", METADATA, Column("oldest", Words, primary_key=True))
