"""How what is to be done reads: deleting manifests, removing tags, lifting locks, or several of these."""

from collections.abc import Iterable, Mapping, Sequence

from bot.blocks.text import join, number, plural
from bot.blocks.wording import things
from bot.domain.plan import Action, Item, count_actions
from bot.domain.proposal import DONE, Proposal, Tally
from bot.domain.rule import Rule

Counts = Mapping[Action, int]

# In this order it is done. Each as it is asked for, under way and done.
VERBS = {
    Action.UNTAG: ("remove", "removing", "removed"),
    Action.UNLOCK: ("unlock", "unlocking", "unlocked"),
    Action.DELETE: ("delete", "deleting", "deleted"),
}
ASK, NOW, PAST = range(3)

_WARNINGS = {
    Action.DELETE: "Deleted data can't be recovered, and whoever pulls one of these by {} loses it.",
    Action.UNTAG: "Whoever pulls by a removed tag gets an error. Manifests stay: removing a tag frees no space.",
    Action.UNLOCK: "What is not locked can be overwritten and deleted, by anybody who may push or delete.",
}
_NOTHING = {
    Action.DELETE: "Nothing was deleted.",
    Action.UNTAG: "No tag was removed.",
    Action.UNLOCK: "No lock was lifted.",
}


def capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def actions_of(proposal: Proposal, items: Iterable[Item]) -> Counts:
    """Count a proposal's items by action; where they are not given, all are deletes."""
    return count_actions(items) or {Action.DELETE: proposal.item_count}


def only_deletes(actions: Counts) -> bool:
    """Whether nothing but manifests is concerned."""
    return set(actions) <= {Action.DELETE}


def alone(items: Sequence[Item], count: int) -> Item | None:
    """Give the item where it is the only one and about a tag or a lock, so that it can be named; else None."""
    return items[0] if count == 1 == len(items) and items[0].action is not Action.DELETE else None


def counted(action: Action, count: int, rule: Rule) -> str:
    """``37 untagged manifests``, ``3 tags``, ``1 lock``."""
    if action is Action.DELETE:
        return things(count, rule)
    return plural(count, "tag" if action is Action.UNTAG else "lock")


def all_things(actions: Counts, rule: Rule) -> str:
    """``3 tags and 37 matching manifests``."""
    return join([counted(action, actions[action], rule) for action in VERBS if actions.get(action)])


def deeds(actions: Counts, rule: Rule, tense: int = ASK) -> str:
    """``remove 3 tags and delete 37 matching manifests``."""
    return join([f"{VERBS[a][tense]} {counted(a, actions[a], rule)}" for a in VERBS if actions.get(a)])


def verb_of(item: Item, tense: int = ASK) -> str:
    """``remove the tag``, which its name follows, or ``unlock``."""
    what = " the tag" if item.action is Action.UNTAG else ""
    return f"{VERBS[item.action][tense]}{what}"


def results(actions: Counts, tally: Tally, rule: Rule) -> str:
    """Say ``removed all 3 tags and deleted 2 of 37 matching manifests``."""
    parts = []
    for action in (action for action in VERBS if actions.get(action)):
        done, total, verb = tally[DONE[action]], actions[action], VERBS[action][PAST]
        which = counted(action, total, rule)
        if not done:
            parts.append(f"{verb} none of {which}")
        elif done == total:
            parts.append(f"{verb} {'all ' if total > 1 else ''}{which}")
        else:
            parts.append(f"{verb} {number(done)} of {which}")
    return join(parts)


def result_of_one(item: Item, tally: Tally) -> str:
    """Say ``removed the tag`` or ``not removed:``, which its name follows."""
    return verb_of(item, PAST) if tally[DONE[item.action]] else f"not {VERBS[item.action][PAST]}:"


def warnings(actions: Counts, by: str = "digest") -> str:
    """Say what can't be undone, or what it changes for others, who may pull ``by`` that."""
    return " ".join(_WARNINGS[action].format(by) for action in VERBS if actions.get(action))


def nothing_done(actions: Counts) -> str:
    """Say that none of it was done."""
    return " ".join(_NOTHING[action] for action in VERBS if actions.get(action))
