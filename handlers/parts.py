"""What the listeners need, put together once by the composition root."""

from dataclasses import dataclass

from bot.janitor.choose import Chooser
from bot.janitor.decide import Decider
from bot.janitor.desk import Desk
from bot.janitor.freeze import Freezer
from bot.janitor.lock import Locker
from bot.janitor.looking import Looking
from bot.janitor.looks import Looks
from bot.janitor.names import Names
from bot.janitor.propose import Proposer
from bot.janitor.refusals import Refusals
from bot.janitor.retry import Retrier
from bot.janitor.stop import Stopper
from bot.janitor.superseding import Superseder
from bot.work import Background
from handlers.cards import Cards
from handlers.clients import Clients
from handlers.copies import Copies
from handlers.homes import Homes
from handlers.replies import UnderWay
from handlers.reports import Reports
from handlers.zones import Zones


@dataclass(frozen=True, slots=True)
class Parts:
    """The use cases and the cards that show them."""

    clients: Clients
    desk: Desk
    proposer: Proposer
    superseder: Superseder
    decider: Decider
    stopper: Stopper
    retrier: Retrier
    chooser: Chooser
    locker: Locker
    freezer: Freezer
    cards: Cards
    surveys: Background
    under_way: UnderWay
    refusals: Refusals
    looking: Looking
    zones: Zones
    reports: Reports
    homes: Homes
    copies: Copies
    names: Names
    looks: Looks
