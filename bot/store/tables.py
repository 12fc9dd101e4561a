"""The tables, one to one with the domain's values; `migrations/` makes them and a test holds the two together."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, text

from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.plan import Action, Staying
from bot.domain.proposal import Deed, Outcome, State
from bot.domain.reason import Why
from bot.domain.rule import Rule
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
    # For what was proposed before anything had to be typed, a click will do.
    Column("needs_typed", Words, nullable=False, server_default=text("''")),
    Column("staying", AsJson(Staying)),
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
    Index(None, "proposal", "id"),
    # An id is never given twice, whatever happens to the file.
    sqlite_autoincrement=True,
)

BODIES = Table(
    "bodies",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("body", JSON, nullable=False),
)
