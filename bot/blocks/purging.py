"""What the answer to `/acr purge` says besides the list: which tags, and where this app differs from `acr purge`."""

from collections.abc import Mapping

from bot.blocks.doing import all_things
from bot.blocks.named import as_many_as_fit
from bot.blocks.text import code, duration, number, plural, size
from bot.domain.plan import Action, Plan, count_actions
from bot.domain.purge import Purge
from bot.domain.reason import Why, headline


def purge_headline(plan: Plan) -> str:
    """Say in mrkdwn how much would be removed and deleted."""
    where = code(plan.target)
    if len(plan.repositories) > 1:
        where += f" ({plural(len(plan.repositories), 'repository', 'repositories')})"
    if not plan.items:
        return f"*Nothing to purge* in {where}: no tag that matches is old enough and free to go."
    up_to = f": up to *{size(plan.upper_bytes)}*" if plan.upper_bytes else ""
    return f"*{all_things(count_actions(plan.items), plan.rule)}* in {where} could go{up_to}."


def purge_note(request: Purge, plan: Plan, tags_kept: Mapping[Why, int]) -> str:
    """Name the tags that are hit, say why others that match stay, and what is other than in acr purge."""
    hit = [
        tag if item.repository == plan.target else f"{item.repository}:{tag}"
        for item in plan.items
        for tag in ([item.tag] if item.action is Action.UNTAG else item.tags)
    ]
    lines = [f"*{plural(len(hit), 'tag is', 'tags are')} hit:* {as_many_as_fit(hit, 1500)}."] if hit else []
    if tags_kept:
        reasons = ", ".join(f"{number(count)} {headline(why)}" for why, count in sorted(tags_kept.items(), key=str))
        lines.append(f"{plural(sum(tags_kept.values()), 'matching tag stays', 'matching tags stay')}: {reasons}.")
    return "\n".join([*lines, _differs(request, plan)])


def _differs(request: Purge, plan: Plan) -> str:
    grace = plan.rule.protection.grace
    parts = ["Unlike acr purge, this keeps all that a kept image needs, at any depth, with its signatures"]
    if grace:
        parts.append(f"what changed in the last {duration(grace)} stays, whatever the age asked for")
    if request.regex:
        parts.append("the repository pattern has to match a whole name, also where it has alternatives (a|b)")
    if request.keep:
        parts.append(
            f"with a keep of {number(request.keep)}, the newest tags and, of manifests, the newest images stay"
        )
    if not request.untagged:
        parts.append("manifests left untagged stay, as without the option `--untagged` there")
    if request.idle:
        named = " and ".join(f"`{name}`" for name in request.idle)
        parts.append(f"{named} makes no difference: looking is always a dry run, and the settings say how much at once")
    return f"{'; '.join(parts)}."
