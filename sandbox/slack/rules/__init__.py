"""Slack's rules on blocks, one module a family; `sandbox.slack.limits` is the way in."""
