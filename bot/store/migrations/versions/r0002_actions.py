"""Items that remove a tag or a lock: until now, all were deletes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say of each item what is to be done, and with which tag."""
    op.add_column("proposal_items", sa.Column("action", sa.String(32), nullable=False, server_default="delete"))
    op.add_column("proposal_items", sa.Column("tag", sa.String(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Refuse: an older version would take a tag that is to be removed for a manifest that is to be deleted."""
    raise NotImplementedError("Restore a backup instead.")
