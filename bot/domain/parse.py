"""Reading what somebody typed behind ``/acr``."""

import shlex
from collections.abc import Sequence

from bot.domain.asked import REPOSITORY, Asked, Usage
from bot.domain.grammar import COMMANDS, GRAMMAR
from bot.domain.hold import split_reason
from bot.domain.reference import clip
from bot.domain.request import Help, OpenForm, Request
from bot.errors import BadInputError

MOST_CHARACTERS = 2000

# What each option's value looks like.
_EXAMPLES = {
    "--min-age": "7d",
    "--older-than": "30d",
    "--before": "2019-04-05",
    "--tags": "'pr-.*'",
    "--keep": "3",
    "--ago": "30d",
    "--registry": "myregistry",
    "--since": "30d",
    "--repo": "team/app",
    "--day": "mon",
    "--at": "09:00",
    "--zone": "Europe/Amsterdam",
}

# Slack's composer and word processors put these in the place of what was typed.
TYPOGRAPHY = str.maketrans(
    {
        "\u00a0": " ",  # non-breaking space
        "\u202f": " ",  # narrow non-breaking space
        "\u2007": " ",  # figure space
        "\u200b": "",  # zero-width space
        "\u2060": "",  # word joiner
        "\ufeff": "",  # byte order mark
        "\u2014": "--",  # em dash
        "\u2013": "--",  # en dash
        "\u2011": "-",  # non-breaking hyphen
        "\u2010": "-",  # hyphen
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
    }
)


def parse_command(text: str) -> Request:
    """Read the text behind ``/acr``. Raises BadInputError with what would have worked."""
    command, _, rest = text.strip().partition(" ")
    usage = GRAMMAR.get(command.lower())
    if usage is not None and usage.free:
        return usage.read(_free(f"/acr {command.lower()}", rest, usage))
    words = _words(text)
    if not words:
        return OpenForm()
    if words[0].lower() in {"help", "-h", "--help"}:
        return Help()
    command, *more = words
    usage = GRAMMAR.get(command.lower())
    if usage is None:
        raise BadInputError(
            f"There is no command {clip(command)!r}.",
            expected=f"The commands are: {', '.join(COMMANDS)}.",
            example="/acr untagged myrepo",
        )
    try:
        return usage.read(_asked(f"/acr {command.lower()}", more, usage))
    except BadInputError as error:
        error.about(f"/acr {command.lower()}", *usage.needs)
        raise


def _free(line: str, text: str, usage: Usage) -> Asked:
    """Take words as they were written: a reason may hold apostrophes and dashes."""
    reason, registry = split_reason(text)
    example = f"{line} {usage.several}"
    if reason.lower().endswith("--registry"):
        raise BadInputError(
            "--registry has no value.", expected="A value follows it.", example=f"{example} --registry myregistry"
        )
    if any(word.startswith("--registry") for word in reason.lower().split()):
        raise BadInputError(
            "--registry stands in the middle, or twice.",
            expected="It stands once, at the end.",
            example=f"{example} --registry myregistry",
        )
    if not reason:
        raise BadInputError(f"The {usage.noun} is missing.", expected=usage.expected, example=example)
    return Asked(line, reason, {"--registry": registry} if registry else {})


def _words(text: str) -> list[str]:
    if len(text) > MOST_CHARACTERS:
        raise BadInputError(
            f"That is too long: {len(text):,} characters.",
            expected=f"A command has at most {MOST_CHARACTERS:,}.",
            example="/acr untagged myrepo",
        )
    # As a shell splits, but for the backslash, which patterns need: it stands for itself.
    lexer = shlex.shlex(text.translate(TYPOGRAPHY), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = lexer.escape = ""
    try:
        return list(lexer)
    except ValueError as error:
        raise BadInputError(
            "A quotation mark is not closed.",
            expected="Quotation marks come in pairs; a repository needs none.",
            example="/acr untagged 'team/*'",
        ) from error


def _asked(line: str, words: Sequence[str], usage: Usage) -> Asked:
    known = (*usage.options, *usage.flags)
    # Of the usual command, so that what this one needs beside is put in: see ``parse_command``.
    example = "/acr untagged myrepo" if usage.needs_word or usage.needs else line
    if usage.noun != REPOSITORY:
        example = f"{line} {usage.several}"
    positional, options = _split_options(words, known=known, flags=usage.flags, usage=example)
    if not positional and usage.needs_word:
        missing = "/acr untagged team/app" if usage.noun == REPOSITORY else example
        raise BadInputError(f"The {usage.noun} is missing.", expected=usage.expected, example=missing)
    if positional and not usage.takes_word:
        raise BadInputError(
            f"Nothing is expected here, and there is {clip(' '.join(positional))}.",
            expected=usage.expected,
            example=line,
        )
    if len(positional) > 1:
        raise BadInputError(
            f"One {usage.noun} is expected, and there are {len(positional)}: {clip(' '.join(positional))}.",
            expected=usage.expected,
            example=f"{line} {usage.several}",
        )
    flags = frozenset(options.keys() & set(usage.flags))
    values = {name: value for name, value in options.items() if name not in flags}
    return Asked(line, positional[0] if positional else "", values, flags)


def _split_options(
    words: Sequence[str], *, known: Sequence[str], flags: Sequence[str], usage: str
) -> tuple[list[str], dict[str, str]]:
    """Split words into positional ones, ``--name value`` or ``--name=value`` pairs, and flags, whose value is empty."""
    positional: list[str] = []
    options: dict[str, str] = {}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, equals, value = word.partition("=")
        name = name.lower() if name.startswith("--") else f"--{name.lstrip('-').lower()}"
        if name not in known:
            raise BadInputError(
                f"There is no option {clip(word)!r}.",
                expected=f"The options are: {', '.join(known)}." if known else "It takes none.",
                example=_example(usage, known[0]) if known else usage,
            )
        if name in options:
            raise BadInputError(f"{name} is given twice.", expected="Give it once.", example=_example(usage, name))
        if name in flags:
            if equals:
                raise BadInputError(
                    f"{name} takes no value.", expected="It stands by itself.", example=_example(usage, name)
                )
        elif not equals:
            if not queue or queue[0].startswith("--"):
                raise BadInputError(
                    f"{name} has no value.", expected="A value follows it.", example=_example(usage, name)
                )
            value = queue.pop(0)
        options[name] = value
    return positional, options


def _example(usage: str, option: str) -> str:
    return " ".join(filter(None, (usage, option, _EXAMPLES.get(option, ""))))
