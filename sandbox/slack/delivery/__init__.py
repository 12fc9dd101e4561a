"""Bringing payloads to the app, over signed HTTP or Socket Mode."""
