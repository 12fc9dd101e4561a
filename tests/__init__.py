"""The tests: each says in one sentence what holds."""
