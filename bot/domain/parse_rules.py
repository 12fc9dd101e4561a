"""The commands about standing rules: ``rules`` and ``apply``."""

from bot.domain.apply import Apply
from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.lists import Rules


def _rules(asked: Asked) -> Rules:
    return Rules(registry_of(asked))


def _apply(asked: Asked) -> Apply:
    return Apply(asked.word, registry_of(asked))


RULE_USAGES = {
    "rules": Usage(
        _rules,
        ("--registry",),
        "It lists all standing rules; only a registry can be named.",
        "",
        Group.FIND,
        (Example("rules", "the standing rules of the settings, and what each would free now"),),
        needs_word=False,
        takes_word=False,
    ),
    "apply": Usage(
        _apply,
        ("--registry",),
        "Give the name of one; /acr rules lists them.",
        "ci-images",
        Group.FIND,
        (Example("apply RULE", "what a standing rule selects today, in all its repositories"),),
        noun="standing rule",
    ),
}
