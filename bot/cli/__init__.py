"""The commands that need neither Slack nor the database. ``bot.__main__`` reads their options."""
