"""The queue on PostgreSQL: the schema of procrastinate 3.10, as it ships it. SQLite has no replicas and needs none."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make procrastinate's tables, types, functions and triggers."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        # A copy: what was released stays as it was, whatever version of procrastinate is installed by then.
        script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
        connection.exec_driver_sql(script.replace("%", "%%"))


def downgrade() -> None:
    """Refuse: the jobs in it are approved work."""
    raise NotImplementedError("Restore a backup instead.")
