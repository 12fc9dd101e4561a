"""Whether those who may approve are there: each user active, each user group switched on and with members."""

import itertools
from collections.abc import AsyncIterator, Sequence

from bot.operations.doctor.asking import Answer, Slack
from bot.operations.doctor.finding import Check, Finding, fault, ok, warning

_CHECK = Check.APPROVERS
_COPY_USER = "In Slack, open the person's profile, ⋮, Copy member ID."
_COPY_GROUP = "In Slack, open the group under People & user groups, ⋮, Copy group ID."


async def look_at_approvers(
    slack: Slack, lists: Sequence[Sequence[str]], *, allow_self: bool
) -> AsyncIterator[Finding]:
    """Look up each approver of a workspace. ``lists``: those of all, of teams and of single repositories."""
    approvers = list(dict.fromkeys(itertools.chain(*lists)))
    if not approvers:
        yield warning(
            _CHECK,
            "Nobody may approve, so nothing can be proposed.",
            "Name users and user groups in ACR_APPROVERS. For example: ACR_APPROVERS=U0123ABCD,S0456EFGH",
        )
        return
    people: set[str] = set()
    told = True
    for id_ in approvers:
        finding, found = await (_group if id_.startswith("S") else _user)(slack, id_)
        yield finding
        told = told and found is not None
        people |= found or set()
    if told and len(people) == 1 and not allow_self:
        yield warning(
            _CHECK,
            f"Only {people.pop()} may approve, and nobody may approve what they proposed themselves.",
            "Name a second approver, so that this person can propose as well.",
        )


async def _user(slack: Slack, id_: str) -> tuple[Finding, set[str] | None]:
    answer = await slack.ask(slack.client.users_info(user=id_))
    if not answer.good:
        if answer.error == "user_not_found":
            return fault(_CHECK, "There is no such user in this workspace.", _COPY_USER, about=id_), set()
        return _unknown(answer, id_), None
    user = answer.body.get("user", {})
    name = user.get("real_name") or user.get("name") or id_
    if user.get("deleted"):
        return fault(_CHECK, f"{name} is deactivated.", "Take the id out, or name somebody else.", about=id_), set()
    if user.get("is_bot"):
        return fault(_CHECK, f"{name} is a bot, and bots click nothing.", "Name a person.", about=id_), set()
    return ok(_CHECK, f"{name} is active.", about=id_), {id_}


async def _group(slack: Slack, id_: str) -> tuple[Finding, set[str] | None]:
    answer = await slack.ask(slack.client.usergroups_users_list(usergroup=id_, include_disabled=False))
    if answer.error == "no_such_subteam":
        return fault(_CHECK, "There is no such user group, or it is switched off.", _COPY_GROUP, about=id_), set()
    if answer.error == "plan_upgrade_required":
        return fault(
            _CHECK, "This workspace's plan has no user groups.", "Name users (U…) in ACR_APPROVERS.", about=id_
        ), set()
    if not answer.good:
        return _unknown(answer, id_), None
    users = set(answer.body.get("users") or ())
    if not users:
        return fault(
            _CHECK, "The user group has no members.", "Add the people who may approve to it.", about=id_
        ), users
    return ok(_CHECK, f"The user group has {len(users)} member{'s' * (len(users) > 1)}.", about=id_), users


def _unknown(answer: Answer, id_: str) -> Finding:
    said = f"Slack says {answer.error}" if answer.error else answer.unreachable
    remedy = "See slack-scopes." if answer.error == "missing_scope" else "Try again in a while."
    return fault(_CHECK, f"Can't be looked up, so nobody gets through: {said}.", remedy, about=id_)
