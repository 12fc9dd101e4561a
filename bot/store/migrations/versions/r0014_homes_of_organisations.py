"""Of which organisation the workspace is in which somebody has opened Home."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; empty for those who opened it before."""
    op.add_column("homes", sa.Column("enterprise_id", sa.String(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Refuse, as everywhere."""
    raise NotImplementedError("Restore a backup instead.")
