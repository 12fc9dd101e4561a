"""When each schedule's report was made, so that its next one compares with the very same repositories."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of looks. Reports made before it are not compared with."""
    op.create_table(
        "looks",
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("taken", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "taken", name="pk_looks"),
    )
    op.create_index("ix_figures_taken", "figures", ["taken"])


def downgrade() -> None:
    """Refuse: an older version knows no looks, and the table doesn't harm it."""
    raise NotImplementedError("Restore a backup instead.")
