"""The settings: what each fault says."""

from pathlib import Path

import pytest

from bot.settings.sources import CONFIG_FILE
from tests.settings.conftest import BOT_TOKEN, SIGNING_SECRET, Faults, Load


@pytest.mark.parametrize(
    ("environ", "start", "example"),
    [
        (
            {"SLACK_BOT_TOKEN": ""},
            "SLACK_BOT_TOKEN: It is not set, and without it the app can't talk to Slack.",
            "SLACK_BOT_TOKEN=xoxb-…",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxp-1-2-3"},
            "SLACK_BOT_TOKEN: The value does not start with xoxb-.",
            "SLACK_BOT_TOKEN=xoxb-…",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1 xoxb-2"},
            "SLACK_BOT_TOKEN: The value holds a blank",
            "SLACK_BOT_TOKEN=xoxb-…",
        ),
        (
            {"SLACK_SIGNING_SECRET": ""},
            "SLACK_SIGNING_SECRET: It is not set, and HTTP mode needs it",
            "SLACK_SIGNING_SECRET=8f742231b10e8888abcd99yyyzzz85a5",
        ),
        (
            {"SLACK_SIGNING_SECRET": "two words"},
            "SLACK_SIGNING_SECRET: The value holds a blank",
            "SLACK_SIGNING_SECRET=8f742231b10e8888abcd99yyyzzz85a5",
        ),
        (
            {"SLACK_APP_TOKEN": "xoxb-1-2-3"},
            "SLACK_APP_TOKEN: The value does not start with xapp-.",
            "SLACK_APP_TOKEN=xapp-…",
        ),
        (
            {"SLACK_API_URL": "http://slack.example/api/"},
            "SLACK_API_URL: 'http://slack.example/api/' is plain http://",
            "SLACK_API_URL=https://slack.com/api/",
        ),
        (
            {"SLACK_API_URL": "slack.com/api"},
            "SLACK_API_URL: 'slack.com/api' is not the address of a server.",
            "SLACK_API_URL=https://slack.com/api/",
        ),
        ({"HOST": "not a host"}, "HOST: 'not a host' is neither an IP address nor a host name.", "HOST=127.0.0.1"),
        ({"PORT": "http"}, "PORT: 'http' is not a whole number.", "PORT=3000"),
        ({"PORT": "65536"}, "PORT: '65536' is out of range.", "PORT=3000"),
        (
            {"DATABASE_URL": "mysql://u:password@h/d"},
            "DATABASE_URL: The value is neither an SQLite nor a PostgreSQL URL.",
            "DATABASE_URL=sqlite:///var/acr-janitor.db",
        ),
        (
            {"DATABASE_URL": "sqlite://janitor.db"},
            "DATABASE_URL: The SQLite URL has the wrong number of slashes",
            "DATABASE_URL=sqlite:///var/acr-janitor.db",
        ),
        (
            {"DATABASE_URL": "sqlite:///:memory:"},
            "DATABASE_URL: The SQLite URL names no file",
            "DATABASE_URL=sqlite:///var/acr-janitor.db",
        ),
        (
            {"DATABASE_URL": "postgresql://u:p@h:port/d"},
            "DATABASE_URL: The PostgreSQL URL has a host or a port that can't be read.",
            "DATABASE_URL=sqlite:///var/acr-janitor.db",
        ),
        (
            {"ACR_REGISTRIES": ""},
            "ACR_REGISTRIES: It is not set, and there is nothing to clean up without a registry.",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        ({"ACR_REGISTRIES": " , "}, "ACR_REGISTRIES: No registry is named.", "ACR_REGISTRIES=myregistry.azurecr.io"),
        (
            {"ACR_REGISTRIES": "myregistry"},
            "ACR_REGISTRIES: 'myregistry' is not a whole login server; did you mean myregistry.azurecr.io?",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_REGISTRIES": "http://myregistry.azurecr.io"},
            "ACR_REGISTRIES: 'http://myregistry.azurecr.io' is plain http://, which is allowed only on loopback",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_REGISTRIES": "ftp://myregistry.azurecr.io"},
            "ACR_REGISTRIES: 'ftp://myregistry.azurecr.io' is neither https:// nor http://.",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_REGISTRIES": "myregistry.azurecr.io/team/app"},
            "ACR_REGISTRIES: 'myregistry.azurecr.io/team/app' names more than a server.",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_REGISTRIES": "https://admin:hunter22@myregistry.azurecr.io"},
            "ACR_REGISTRIES: The address holds a user name or a password",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_REGISTRIES": "my registry.azurecr.io"},
            "ACR_REGISTRIES: 'my registry.azurecr.io' is not the address of a server.",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_REGISTRIES": "myregistry.azurecr.io:https"},
            "ACR_REGISTRIES: The address can't be read",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_REGISTRIES": "one.azurecr.io,ONE.example.com"},
            "ACR_REGISTRIES: Two registries have the name one.",
            "ACR_REGISTRIES=myregistry.azurecr.io",
        ),
        (
            {"ACR_APPROVERS": "U0123,@alice"},
            "ACR_APPROVERS: '@alice' is neither the id of a user nor of a user group.",
            "ACR_APPROVERS=U0123ABCD,S0456EFGH",
        ),
        ({"ACR_GRACE": "24 hrs"}, "ACR_GRACE: '24 hrs' is not a length of time.", "ACR_GRACE=24h"),
        ({"ACR_GRACE": "99999w"}, "ACR_GRACE: '99999w' is longer than a hundred years.", "ACR_GRACE=24h"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL: 'loud' can't be used here. Expected DEBUG, INFO", "LOG_LEVEL=INFO"),
        (
            {"LOG_FORMAT": "xml"},
            "LOG_FORMAT: 'xml' can't be used here. Expected json or console.",
            "LOG_FORMAT=console",
        ),
    ],
)
def test_each_fault_of_a_variable(faults: Faults, environ: dict[str, str], start: str, example: str) -> None:
    """A fault names its variable, says what was wrong and what was expected, and ends with a line that works."""
    (fault,) = faults(**environ)

    assert fault.startswith(start)
    assert " Expected " in fault
    assert fault.endswith(f" For example: {example}")


@pytest.mark.parametrize(
    ("file", "start", "end"),
    [
        (
            "approvals:\n  requred: 1\n",
            "approvals.requred (line 2 of janitor.yml): This version does not know the key approvals.requred.",
            "Expected one of approvers, required, by_repository, allow_self_approval, tell_approvers, expires_after.",
        ),
        (
            "selection:\n  keep_tag: [a]\n",
            "selection.keep_tag (line 2 of janitor.yml): This version does not know the key selection.keep_tag.",
            "Expected one of grace, stale_after, keep_tags, keep_repositories, keep_last_tagged.",
        ),
        (
            "team:\n  - name: payments\n",
            "team (line 1 of janitor.yml): This version does not know the key team.",
            "limits, rules, slack, database, listen, log, workspaces, teams.",
        ),
        (
            "teams:\n  - name: payments\n    repositories: payments/*\n",
            "teams[0] (line 2 of janitor.yml): It has no channel.",
            "which the app is a member of. For example: channel: C0123ABCD",
        ),
        (
            "teams:\n  - {name: payments, channel: '#payments', repositories: [payments/*]}\n",
            "teams[0].channel (line 2 of janitor.yml): '#payments' is not the id of a channel.",
            "For example: channel: C0123ABCD",
        ),
        (
            "teams:\n  - {name: a, channel: C0123, repositories: [dev.azurecr.io/a]}\n",
            "teams[0].repositories[0] (line 2 of janitor.yml): 'dev.azurecr.io/a' names a registry as well;",
            'For example: repositories: ["payments/*"]',
        ),
        (
            "teams:\n  - {name: a, channel: C0123, repositories: []}\n",
            "teams[0].repositories (line 2 of janitor.yml): It is empty.",
            'For example: repositories: ["payments/*"]',
        ),
        (
            "teams:\n- {name: a, channel: C0123, repositories: [a]}\n- {name: A, channel: C0123, repositories: [b]}\n",
            "teams (line 1 of janitor.yml): Two teams have the name A.",
            "For example: teams: [{name: payments, channel: C0123ABCD, repositories: [payments/*]}]",
        ),
        (
            "teams:\n  - {name: a, channel: C0123, repositories: [a], registries: [attic]}\n",
            "teams (line 1 of janitor.yml): The team a names a registry that is not in registries: attic.",
            "For example: teams: [{name: payments, channel: C0123ABCD, repositories: [payments/*]}]",
        ),
        (
            "teams:\n  - {name: a, channel: C0123, repositories: [a], report: {day: 1}}\n",
            "teams[0].report.day (line 2 of janitor.yml): '1' is not a day of the week.",
            "Expected a day of the week: mon, tue, wed, thu, fri, sat or sun. For example: day: mon",
        ),
        (
            "teams:\n  - {name: a, channel: C0123, repositories: [a], report: {at: 9am}}\n",
            "teams[0].report.at (line 2 of janitor.yml): '9am' is not a time of day.",
            'Expected a time of 24 hours. For example: at: "09:00"',
        ),
        (
            "teams:\n  - {name: a, channel: C0123, repositories: [a], report: {zone: Amsterdam}}\n",
            "teams[0].report.zone (line 2 of janitor.yml): 'Amsterdam' is not a time zone.",
            "For example: zone: Europe/Amsterdam",
        ),
        (
            "approvals: [U0123]\n",
            "approvals (line 1 of janitor.yml): It is not a mapping of keys to values.",
            "Expected a mapping of keys to values.",
        ),
        (
            "approvals:\n  approvers: {a: b}\n",
            "approvals.approvers (line 2 of janitor.yml): It is not a list.",
            "For example: approvers: [U0123ABCD, S0456EFGH]",
        ),
        (
            "approvals:\n  approvers:\n    - U0123\n    - C0123\n",
            "approvals.approvers[1] (line 4 of janitor.yml): 'C0123' is neither the id of a user nor of a user group.",
            "For example: approvers: [U0123ABCD, S0456EFGH]",
        ),
        (
            "approvals:\n  allow_self_approval: maybe\n",
            "approvals.allow_self_approval (line 2 of janitor.yml): 'maybe' is neither true nor false.",
            "For example: allow_self_approval: false",
        ),
        (
            "approvals:\n  expires_after: 0\n",
            "approvals.expires_after (line 2 of janitor.yml): '0' leaves no time at all.",
            "For example: expires_after: 72h",
        ),
        (
            "selection:\n  grace: soon\n",
            "selection.grace (line 2 of janitor.yml): 'soon' is not a length of time.",
            "For example: grace: 24h",
        ),
        (
            "selection:\n  keep_repositories: [a, '']\n",
            "selection.keep_repositories[1] (line 2 of janitor.yml): A pattern is empty.",
            'For example: keep_repositories: ["base/*"]',
        ),
        (
            "limits: {concurrency: 33}\n",
            "limits.concurrency (line 1 of janitor.yml): '33' is out of range.",
            "Expected a whole number from 1 to 32. For example: concurrency: 16",
        ),
        (
            "limits: {items_per_proposal: [1]}\n",
            "limits.items_per_proposal (line 1 of janitor.yml): A list is not a whole number.",
            "For example: items_per_proposal: 10000",
        ),
        (
            "limits: {concurrency: 4}\nlimits: {concurrency: 8}\n",
            "limits (line 2 of janitor.yml): The key stands there twice.",
            "Expected each key once.",
        ),
        (
            "selection: {keep_tags: &a [x], keep_repositories: *a}\n",
            "selection.keep_repositories (line 1 of janitor.yml): An alias (*) stands here.",
            "Expected the value itself.",
        ),
        (
            "selection: {keep_tags: !secret [x]}\n",
            "selection.keep_tags (line 1 of janitor.yml): The tag '!secret' stands here.",
            "Expected a plain value.",
        ),
        ("? [a, b]\n: c\n", "line 1 of janitor.yml: A key is not a single word.", "Expected a key such as registries."),
        ("- a\n- b\n", "line 1 of janitor.yml: The file is not a mapping.", "such as registries:."),
        ("slack: {bot_token: xoxb-1}\nslack_: x", "slack_ (line 2 of janitor.yml)", "log, workspaces, teams."),
    ],
)
def test_each_fault_of_the_file(faults: Faults, file: str, start: str, end: str) -> None:
    """A fault in the file names the key and its line."""
    (fault,) = faults(file)

    assert fault.startswith(start)
    assert fault.endswith(end)


@pytest.mark.parametrize(
    ("file", "start", "end"),
    [
        (
            "registries:\n  - name: main\n",
            "registries[0] (line 2 of janitor.yml): It has no endpoint.",
            "For example: endpoint: https://myregistry.azurecr.io",
        ),
        (
            "registries:\n  - {endpoint: a.azurecr.io, name: 'a b'}\n",
            "registries[0].name (line 2 of janitor.yml): 'a b' can't be typed as a name in Slack.",
            "For example: name: myregistry",
        ),
        (
            "registries:\n  - {endpoint: a.azurecr.io, ca_bundle: /no/such.pem}\n",
            "registries[0].ca_bundle (line 2 of janitor.yml): '/no/such.pem' can't be read: No such file or directory.",
            "For example: ca_bundle: /etc/ssl/certs/ca-certificates.crt",
        ),
        (
            "registries:\n  - {endpoint: a.azurecr.io, ca_bundle: /dev/null}\n",
            "registries[0].ca_bundle (line 2 of janitor.yml): '/dev/null' holds no certificate that can be read.",
            "For example: ca_bundle: /etc/ssl/certs/ca-certificates.crt",
        ),
        (
            "registries:\n  - {endpoint: a.azurecr.io, name: x}\n  - {endpoint: A.azurecr.io, name: y}\n",
            "registries (line 1 of janitor.yml): Two registries have the login server a.azurecr.io.",
            "For example: registries: [myregistry.azurecr.io]",
        ),
        (
            "registries: []\n",
            "registries (line 1 of janitor.yml): No registry is named.",
            "For example: registries: [myregistry.azurecr.io]",
        ),
    ],
)
def test_each_fault_of_a_registry_in_the_file(faults: Faults, file: str, start: str, end: str) -> None:
    """A registry of the file is told by its place in the list."""
    (fault,) = faults(file, ACR_REGISTRIES="")

    assert fault.startswith(start)
    assert fault.endswith(end)


_RULES = "a list of standing rules, each with a name, repositories, and what could go from them. For example: "
_SAMPLE = 'rules: [{name: ci-images, repositories: ["ci/*"], older_than: 14d}]'


@pytest.mark.parametrize(
    ("rules", "start", "end"),
    [
        ("x", "rules (line 2 of janitor.yml): It is not a list.", _RULES + _SAMPLE),
        ("[x]", "rules[0] (line 2 of janitor.yml): It is not a mapping of keys to values.", _RULES + _SAMPLE),
        ("[{repositories: [a], untagged: true}]", "rules[0] (line 2 of janitor.yml): It has no name.", "ci-images"),
        ("[{name: a, untagged: true}]", "rules[0] (line 2 of janitor.yml): It has no repositories.", '["ci/*"]'),
        (
            "[{name: a b, repositories: [a], untagged: true}]",
            "rules[0].name (line 2 of janitor.yml): 'a b' can't be typed as a name in Slack.",
            "For example: name: ci-images",
        ),
        (
            "[{name: a, repositories: [], untagged: true}]",
            "rules[0].repositories (line 2 of janitor.yml): It is empty.",
            'For example: repositories: ["ci/*"]',
        ),
        (
            "[{name: a, repositories: [ok, CI/*], untagged: true}]",
            "rules[0].repositories[1] (line 2 of janitor.yml): 'CI/*' stands for no repository.",
            'For example: repositories: ["ci/*"]',
        ),
        (
            "[{name: a, repositories: [a], older_than: 14 days}]",
            "rules[0].older_than (line 2 of janitor.yml): '14 days' is not a length of time.",
            "For example: older_than: 14d",
        ),
        (
            "[{name: a, repositories: [a], older_than: 0}]",
            "rules[0].older_than (line 2 of janitor.yml): '0' leaves no time at all.",
            "For example: older_than: 14d",
        ),
        (
            "[{name: a, repositories: [a], tags: '(?!v).*'}]",
            "rules[0].tags (line 2 of janitor.yml): The tag pattern '(?!v).*' can't be used: invalid perl operator",
            'For example: tags: "pr-.*"',
        ),
        (
            "[{name: a, repositories: [a], tags: ''}]",
            "rules[0].tags (line 2 of janitor.yml): The pattern is empty.",
            'For example: tags: "pr-.*"',
        ),
        (
            f"[{{name: a, repositories: [a], tags: {'x' * 1001}}}]",
            "rules[0].tags (line 2 of janitor.yml): The pattern has 1,001 characters, and 1,000 are the most.",
            'For example: tags: "pr-.*"',
        ),
        (
            "[{name: a, repositories: [a], untagged: maybe}]",
            "rules[0].untagged (line 2 of janitor.yml): 'maybe' is neither true nor false.",
            "For example: untagged: true",
        ),
        (
            "[{name: a, repositories: [a], untagged: true, keep: many}]",
            "rules[0].keep (line 2 of janitor.yml): 'many' is not a whole number.",
            "For example: keep: 3",
        ),
        (
            "[{name: a, repositories: [a], untagged: true, older: 3d}]",
            "rules[0].older (line 2 of janitor.yml): This version does not know the key rules[0].older.",
            "Did you mean older_than? Expected one of name, repositories, registry, older_than, tags, untagged, keep.",
        ),
        (
            "[{name: a, repositories: [a], keep: 3}]",
            "rules[0] (line 2 of janitor.yml): The rule a says of no manifest why it could go",
            _RULES + _SAMPLE,
        ),
        (
            "[{name: a, repositories: [a], untagged: true}, {name: A, repositories: [b], untagged: true}]",
            "rules (line 2 of janitor.yml): Two rules have the name A.",
            _RULES + _SAMPLE,
        ),
        (
            "[{name: a, repositories: [a], untagged: true, registry: attic}]",
            "rules (line 2 of janitor.yml): The rule a names a registry that is not in registries: attic.",
            _RULES + _SAMPLE,
        ),
    ],
)
def test_each_fault_of_a_standing_rule(faults: Faults, rules: str, start: str, end: str) -> None:
    """A rule that would select nothing, or other than was meant, is refused at start, with its place in the file."""
    (fault,) = faults(f"# rules\nrules: {rules}\n")

    assert fault.startswith(start)
    assert fault.endswith(end)


def test_the_example_of_a_rule_is_one_that_works(load: Load) -> None:
    """What the faults show can be pasted."""
    assert [rule.name for rule in load(_SAMPLE).rules] == ["ci-images"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: [1\n", "is not YAML in line 2"),
        (b"a: \xff\n", "is not YAML."),
        (b'a: "\\U00110000"\n', "is not YAML."),
        (b"[" * 5000, "is not YAML."),
        (b"#" * 1_000_001, "can't be read: it is larger than 1000000 bytes."),
    ],
)
def test_a_file_that_is_not_yaml(tmp_path: Path, faults: Faults, content: bytes, problem: str) -> None:
    """A file that can't be read as YAML is one fault, with the line where there is one."""
    path = tmp_path / "broken.yml"
    path.write_bytes(content)

    (fault,) = faults(ACR_JANITOR_CONFIG=str(path))

    assert fault.startswith(f"{CONFIG_FILE}: The file '{path}' {problem}")
    assert fault.endswith(f"For example: {CONFIG_FILE}=/etc/acr-janitor.yml")


@pytest.mark.parametrize(("path", "problem"), [("/no/such.yml", "No such file or directory"), ("/", "Is a directory")])
def test_a_file_that_is_not_there(faults: Faults, path: str, problem: str) -> None:
    """A path that names no file is told as such."""
    (fault,) = faults(ACR_JANITOR_CONFIG=path)

    assert fault.startswith(f"{CONFIG_FILE}: The file '{path}' can't be read: {problem}.")


def test_all_faults_at_once(faults: Faults) -> None:
    """Whoever sets the app up sees everything that is wrong in one go, from both sources."""
    found = faults(
        "approvals: {approvers: [bob]}\nlimits: {concurrency: 0, speed: 9}\nlimits: {}\n",
        SLACK_BOT_TOKEN="",
        SLACK_SIGNING_SECRET="",
        ACR_REGISTRIES="http://a.example,b.azurecr.io/x",
        ACR_GRACE="x",
        PORT="x",
        LOG_FORMAT="x",
    )

    assert sorted(fault.partition(":")[0] for fault in found) == [
        "ACR_GRACE",
        "ACR_REGISTRIES",
        "ACR_REGISTRIES",
        "LOG_FORMAT",
        "PORT",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "approvals.approvers[0] (line 1 of janitor.yml)",
        "limits (line 3 of janitor.yml)",
        "limits.concurrency (line 2 of janitor.yml)",
        "limits.speed (line 2 of janitor.yml)",
    ]


def test_a_token_in_the_wrong_place_is_not_shown(faults: Faults) -> None:
    """A secret that was pasted into another variable, or is quoted with one, is hidden in the fault."""
    found = faults(
        ACR_APPROVERS=BOT_TOKEN,
        ACR_GRACE=SIGNING_SECRET,
        ACR_REGISTRIES="https://user:hunter22@myregistry.azurecr.io",
        DATABASE_URL="mysql://user:hunter33@host/db",
        SLACK_APP_TOKEN="xoxp-99-misplaced",
    )

    text = "\n".join(found)
    assert len(found) == 5
    for secret in (BOT_TOKEN, SIGNING_SECRET, "hunter22", "hunter33", "misplaced"):
        assert secret not in text
