"""Runs that somebody stops, and runs that do again what had failed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Say of each proposal who wanted it to stop, which one it repeats, and who had it repeated."""
    for name in ("stop_by", "retry_of", "retried_by"):
        op.add_column("proposals", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    for name in ("stop_asked", "retried"):
        op.add_column("proposals", sa.Column(name, _TIME))


def downgrade() -> None:
    """Refuse: an older version would not stop a run that was told to."""
    raise NotImplementedError("Restore a backup instead.")
