"""Weekly reports: who subscribed, what holds a schedule up, whose turn was taken, and what repositories held when."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "subscriptions",
        _words("id"),
        _words("team_id"),
        _words("enterprise_id"),
        _words("channel"),
        _words("registry"),
        _words("glob"),
        sa.Column("weekday", sa.Integer(), nullable=False),
        _words("at"),
        _words("zone"),
        _words("made_by"),
        _time("since"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index(
        "ix_subscriptions_team_id_channel_registry_glob",
        "subscriptions",
        ["team_id", "channel", "registry", "glob"],
        unique=True,
    )
    op.create_table(
        "schedules",
        _words("key"),
        _words("snoozed_until"),
        _words("paused_why"),
        _words("changed_by"),
        _time("changed"),
        sa.PrimaryKeyConstraint("key", name="pk_schedules"),
    )
    op.create_table(
        "report_turns",
        _words("schedule"),
        _words("slot"),
        sa.Column("state", sa.String(32), nullable=False),
        _words("holder"),
        sa.Column("tries", sa.Integer(), nullable=False),
        _time("leased_until"),
        _time("taken"),
        _words("channel"),
        _words("ts"),
        _words("note"),
        sa.PrimaryKeyConstraint("schedule", "slot", name="pk_report_turns"),
    )
    op.create_table(
        "figures",
        _words("registry"),
        _words("repository"),
        _time("taken"),
        sa.Column("manifests", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Integer(), nullable=False),
        sa.Column("untagged", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stale", sa.Integer(), nullable=False),
        sa.Column("stale_size", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("stored_stale", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        _time("oldest", nullable=True),
        _time("pushed", nullable=True),
        _words("fault"),
        sa.PrimaryKeyConstraint("registry", "repository", "taken", name="pk_figures"),
    )


def downgrade() -> None:
    """Refuse: an older version knows no reports, and the tables don't harm it."""
    raise NotImplementedError("Restore a backup instead.")
