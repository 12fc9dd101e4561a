"""What brings a database from one version's schema to the next; run by `bot.store.migrate`."""
