"""What several processes agree by: who holds what for how long, and which versions may work on this schema."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for claims, and say which version is the oldest that understands what is here."""
    op.create_table(
        "claims",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_claims"),
    )
    floor = op.create_table(
        "schema_floor",
        sa.Column("oldest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name="pk_schema_floor"),
    )
    op.bulk_insert(floor, [{"oldest": revision}])


def downgrade() -> None:
    """Refuse: a version that makes no claims would work beside one that does."""
    raise NotImplementedError("Restore a backup instead.")
