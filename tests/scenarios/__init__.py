"""Scenario tests: signed payloads go in, what reached Slack and the registry is looked at."""
