"""Registries that are frozen."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say which registries are frozen, by whom, since when and why."""
    op.create_table(
        "freezes",
        sa.Column("registry", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("registry", name=op.f("pk_freezes")),
    )


def downgrade() -> None:
    """Refuse: an older version would run what is frozen."""
    raise NotImplementedError("Restore a backup instead.")
