"""Proposals that take more than a click to approve."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say of each proposal what has to be typed to approve it, and what stays of a repository that goes."""
    op.add_column("proposals", sa.Column("needs_typed", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("proposals", sa.Column("staying", sa.JSON()))


def downgrade() -> None:
    """Refuse: an older version would approve at a click what needs more."""
    raise NotImplementedError("Restore a backup instead.")
