"""What was just looked at, so that whoever turns a page of it needn't wait for another look."""

import json

from bot.domain.request import Proposable
from bot.janitor.desk import ReadingDesk
from bot.janitor.look import Looked, look
from bot.janitor.recent import Recent


class Looks:
    """Looks, and keeps what was found for a while. What is proposed is never taken from here: see ``Proposer``."""

    def __init__(self, desk: ReadingDesk) -> None:
        self._desk = desk
        self._recent: Recent[Looked] = Recent(desk.clock)

    async def afresh(self, request: Proposable) -> Looked:
        """Look now. Raises what ``look`` raises."""
        looked = await look(self._desk, request)
        self.keep(looked)
        return looked

    async def recent(self, request: Proposable) -> Looked:
        """Give what was found by a request, fixed as in ``Looked``, a moment ago; where there is nothing, look now."""
        return self._recent.get(_key(request)) or await self.afresh(request)

    def keep(self, looked: Looked) -> None:
        """Keep what somebody else has looked up."""
        self._recent.keep(_key(looked.request), looked, max(looked.plan.manifests, len(looked.plan.items)))


def _key(request: Proposable) -> str:
    return json.dumps(request.to_json(), sort_keys=True)
