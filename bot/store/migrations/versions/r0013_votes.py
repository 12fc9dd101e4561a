"""Votes: who has approved which revision of a proposal, where it takes more than one."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "votes",
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("covers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["proposal"], ["proposals.id"], name=op.f("fk_votes_proposal_proposals")),
        sa.PrimaryKeyConstraint("proposal", "revision", "user", name=op.f("pk_votes")),
    )


def downgrade() -> None:
    """Refuse: an older version would approve at one click what needs more."""
    raise NotImplementedError("Restore a backup instead.")
