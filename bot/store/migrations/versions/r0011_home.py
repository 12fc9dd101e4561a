"""Reminders in the threads of cards, and who has opened the app's Home tab."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables: without a key into another one, so that no run waits for the upgrade."""
    op.create_table(
        "reminders",
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("proposal", name=op.f("pk_reminders")),
    )
    op.create_table(
        "homes",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user", name=op.f("pk_homes")),
    )


def downgrade() -> None:
    """Refuse: what was reminded of would be reminded of again."""
    raise NotImplementedError("Restore a backup instead.")
