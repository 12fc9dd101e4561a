"""Local stand-ins for Slack's and Azure's servers, for the demo, the tests and the benchmarks.

They speak the real protocols over real sockets, so the product's own clients talk to them unchanged. The bot never
imports this package; only ``acr-janitor demo`` starts it.
"""
