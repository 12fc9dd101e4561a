"""Slack listeners: read the payload, check who, call one use case, show the answer."""
