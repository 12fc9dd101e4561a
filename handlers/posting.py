"""What a card shows, posting it, and the files in its thread."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks import Message, card, files
from bot.domain.hold import Held
from bot.domain.proposal import Outcome, Proposal, State
from bot.domain.rights import Need
from bot.domain.vote import Vote
from bot.errors import JanitorError, RefusedError
from bot.janitor.desk import Policy
from bot.janitor.hold import held_back
from bot.janitor.retry import decided_on
from bot.store import Store
from handlers.clients import Clients
from handlers.fallback import send
from handlers.links import links_to
from handlers.trouble import INVITE, TROUBLE

PREVIEW = 12
OF_NOTE = 500

log = structlog.get_logger(__name__)


class Posting:
    """Draws cards from the database, posts them, and attaches their lists."""

    def __init__(self, clients: Clients, store: Store, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._store = store
        self._policy = policy
        self._clock = clock

    async def post(self, proposal: Proposal, message: Message) -> Proposal:
        """Post a card and remember where; give the proposal with that. Raises SlackApiError and its kin, StoreError."""
        client = await self._clients.of(proposal.workspace)
        answer = await send(
            message,
            lambda form: client.chat_postMessage(
                channel=proposal.channel, **form.payload(), unfurl_links=False, unfurl_media=False
            ),
            with_buttons=not proposal.state.final,
        )
        posted = replace(proposal, channel=str(answer["channel"]), card_ts=str(answer["ts"]))
        await self._store.proposals.attach_card(posted.id, posted.channel, posted.card_ts)
        return posted

    async def link_to(self, proposal_id: str) -> str:
        """Give the permalink of a card, empty where there is none or Slack would not say. Raises StoreError."""
        proposal = await self._store.proposals.get(proposal_id) if proposal_id else None
        return "" if proposal is None else (await links_to(self._clients, [proposal])).get(proposal.id, "")

    async def draw(self, proposal: Proposal) -> Message:
        """Draw a card as the database says that things stand. Raises StoreError."""
        records = self._store.proposals.records
        of_note = []
        if proposal.started is not None:
            of_note = await records(proposal.id, Outcome.SKIPPED, OF_NOTE) + await records(
                proposal.id, Outcome.FAILED, OF_NOTE
            )
        return card(
            proposal,
            preview=await records(proposal.id, most=None if _names_tags(proposal) else PREVIEW),
            tally=await self._store.proposals.tally(proposal.id),
            records_of_note=of_note,
            needs=await self._needs(proposal),
            votes=await self._votes(proposal),
            now=self._clock(),
            faults=await self._store.events.faults(proposal.id) if proposal.state is State.OPEN else None,
            allow_self=self._policy.allow_self_approval,
            held=await self._held(proposal),
            earlier=await self._store.proposals.get(proposal.retry_of) if proposal.retry_of else None,
            older=await self._store.proposals.get(proposal.replaces) if proposal.replaces else None,
            newer_url=await self.link_to(proposal.replaced_by),
            revised=await self._store.revisions.latest(proposal),
        )

    async def _votes(self, proposal: Proposal) -> list[Vote]:
        about = await decided_on(self._store, proposal)
        return await self._store.votes.of(about.id, about.revision)

    async def _needs(self, proposal: Proposal) -> tuple[Need, ...]:
        if proposal.state is not State.OPEN:
            return ()
        repositories = await self._store.proposals.repositories(proposal.id)
        return self._policy.rights_of(proposal.workspace).needs(proposal.registry, repositories or [proposal.target])

    async def _held(self, proposal: Proposal) -> Held | None:
        if proposal.state.final:
            return None
        return await held_back(self._store, self._policy, proposal.registry, self._clock())

    async def attach(self, proposal: Proposal) -> None:
        """Put the list of all that would go into a card's thread. Raises StoreError."""
        items = [record.item for record in await self._store.proposals.records(proposal.id)]
        await self._upload(
            proposal,
            filename=files.plan_name(proposal.id, proposal.revision),
            content=files.plan_csv(items, registry=proposal.registry),
            comment=files.plan_comment(proposal, items, await self._store.revisions.latest(proposal)),
        )

    async def attach_outcome(self, proposal: Proposal) -> None:
        """Put the list of what became of it into a card's thread. Raises StoreError."""
        records = await self._store.proposals.records(proposal.id)
        await self._upload(
            proposal,
            filename=files.outcome_name(proposal.id),
            content=files.outcome_csv(records, registry=proposal.registry),
            comment=files.outcome_comment(proposal, await self._store.proposals.tally(proposal.id)),
        )

    async def _upload(self, proposal: Proposal, *, filename: str, content: bytes, comment: str) -> None:
        """Put a file into a card's thread; where Slack refuses it, say so there rather than keep silent."""
        try:
            client = await self._clients.of(proposal.workspace)
            await client.files_upload_v2(
                channel=proposal.channel,
                thread_ts=proposal.card_ts,
                filename=filename,
                title=filename,
                content=content,
                initial_comment=comment,
            )
        except TROUBLE as error:
            log.exception("file_not_attached", filename=filename)
            with contextlib.suppress(*TROUBLE):
                client = await self._clients.of(proposal.workspace)
                await client.chat_postMessage(
                    channel=proposal.channel,
                    thread_ts=proposal.card_ts,
                    text=f"The file {filename} could not be attached: Slack said {_said(error)}.",
                )


def cannot_post(proposal: Proposal, error: Exception) -> JanitorError:
    """Say why a card can't be posted, and what helps."""
    said = _said(error)
    channel = f"<#{proposal.channel}>"
    if said == "is_archived":
        return RefusedError(
            f"{channel} is archived, so nothing was proposed.", expected="Ask in another channel.", mentions=[channel]
        )
    if said in INVITE:
        return RefusedError(
            f"I can't post into {channel}, so nothing was proposed.",
            expected="Invite me there and click again, or ask in a channel that I am in.",
            example="/invite @acr-janitor",
            mentions=[channel],
        )
    return RefusedError(
        f"Slack did not take the card and said {said}, so nothing was proposed.",
        expected="Try again in a minute; if it stays so, tell your platform team.",
    )


def _said(error: Exception) -> str:
    """Give Slack's own word for what is wrong, with the scope that is missing."""
    if not isinstance(error, SlackApiError):
        return "nothing"
    needed = error.response.get("needed")
    return f"{error.response.get('error')} ({needed})" if needed else str(error.response.get("error"))


def _names_tags(proposal: Proposal) -> bool:
    """Whether a card needs all items to say which tags go."""
    return bool(proposal.rule.named) or (proposal.rule.tagged and proposal.state is State.OPEN)
