"""Taking secrets out of text before anybody reads it: log lines, and the faults of a configuration."""

import json
import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_SHORTEST_SECRET = 6  # a shorter one would blot out ordinary words all over a line

# Each pattern keeps what tells the reader which secret stood there, and drops the secret.
_PATTERNS = (
    # Slack's tokens: xoxb-, xoxp-, xoxe.xoxb-, xapp-
    (re.compile(r"\b(xox[a-z](?:\.xox[a-z])?-|xapp-)[A-Za-z0-9-]+"), rf"\1{HIDDEN}"),
    # JSON Web Tokens, which Entra ID and ACR hand out: three parts in base64url, the first one is '{"' encoded
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\b(basic\s+)[A-Za-z0-9+/=]{16,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    # a password in a URL: postgresql://user:password@host
    (re.compile(r"(://[^\s:/@\"'\\]*:)[^\s/\"'\\]+(?=@)"), rf"\1{HIDDEN}"),
    # form fields, query strings and JSON: access_token=…, "client_secret": "…", \"ticket\": \"…\"
    (
        re.compile(
            r"\b((?:(?:access|refresh|id|bot|app)_token|client_secret|client_assertion|signing_secret"
            r"|password|ticket)[\\\"']*\s*[=:]\s*[\\\"']*|token=)(?!\[hidden\])[^\s\"'\\&,;)}\]]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    # what Slack's payloads carry as JSON, perhaps within JSON: the verification token, which old apps still trust
    (re.compile(r"""(\btoken\\*["']\s*:\s*\\*["'])(?!\[hidden\])[^\\"']+"""), rf"\1{HIDDEN}"),
    # a response URL lets whoever has it write into the conversation
    (re.compile(r"(https://hooks\.slack(?:-gov)?\.com/)[^\s\"'\\>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(https?://[^\s\"'\\/]+/(?:commands|actions)/)(?!\[hidden\])[^\s\"'\\>]+"), rf"\1{HIDDEN}"),
)


class Redactor:
    """Replaces secrets in text: all that look like tokens, and the given ``secrets`` wherever they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        found = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        # in a JSON line a quote or an umlaut of a secret is escaped
        found |= {json.dumps(secret)[1:-1] for secret in found}
        longest_first = sorted(found, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: str) -> str:
        """Give the text without its secrets."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text
