"""Proposals that take a large share of what is tagged in a repository."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say of each proposal which repository loses how much of its tagged images, where its name has to be typed."""
    op.add_column("proposals", sa.Column("share", sa.JSON()))


def downgrade() -> None:
    """Refuse, as the revision before this does: it is not left alone."""
    raise NotImplementedError("Restore a backup instead.")
