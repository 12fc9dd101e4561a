"""The direct messages that tell those who may approve."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table: without a key into another one, so that no run waits for the upgrade."""
    op.create_table(
        "copies",
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("gone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("proposal", "user", name=op.f("pk_copies")),
    )


def downgrade() -> None:
    """Refuse: everybody would be told again."""
    raise NotImplementedError("Restore a backup instead.")
