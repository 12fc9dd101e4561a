"""Which proposal has taken the place of which."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both ends of it; empty for what replaces nothing."""
    for name in ("replaces", "replaced_by"):
        op.add_column("proposals", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Refuse, as everywhere."""
    raise NotImplementedError("Restore a backup instead.")
