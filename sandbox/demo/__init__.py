"""The demo: a stand-in registry, a stand-in Slack with a page, and between them the real app as its own process."""

from sandbox.demo.browser import serve
from sandbox.demo.script import play

__all__ = ["play", "serve"]
