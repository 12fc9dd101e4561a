"""Where Alembic starts. The connection comes from `bot.store.migrate`, in a transaction that it commits."""

from alembic import context

from bot.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
