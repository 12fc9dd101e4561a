"""For whoever keeps the app running: what it listens on, whether it is ready, and its figures."""

from bot.operations.readiness import Readiness, Report
from bot.operations.site import make_site
from bot.operations.socket import SocketMode

__all__ = ["Readiness", "Report", "SocketMode", "make_site"]
