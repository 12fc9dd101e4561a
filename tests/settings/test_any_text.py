"""The settings: whatever stands in the variables and the file, the answer is settings or a list of faults."""

import re
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.settings import Settings, load_settings
from bot.settings.sources import CONFIG_FILE, ENVIRONMENT
from tests.settings.conftest import BASE

_TEXT = st.text(max_size=60) | st.sampled_from(
    [
        "https://",
        "http://[",
        "http://[::1",
        "sqlite:///x",
        "postgresql://[/",
        "xoxb-",
        "1d2h",
        "0",
        "\udc80",
        "٣h",
        "₂.io",
    ]
)
# A variable, or what only the file can say and a variable calls for.
_FAULT = re.compile(r"(?:[A-Z_]+|workspaces|approvals\.approvers \(ACR_APPROVERS\)): .*Expected ", re.DOTALL)
_ENVIRON = st.dictionaries(st.sampled_from([*sorted(ENVIRONMENT)]), _TEXT)


def outcome(environ: dict[str, str]) -> Settings | ConfigurationError:
    """Give the settings or the list of faults; anything else is raised."""
    try:
        return load_settings(environ)
    except ConfigurationError as error:
        return error


@given(_ENVIRON)
@example({"ACR_REGISTRIES": "https://a\u2100b"})
@example({"ACR_GRACE": "9" * 5000 + "d"})
@example({"PORT": "9" * 5000})
def test_no_environment_raises_anything_else(environ: dict[str, str]) -> None:
    """Whatever the variables hold, the answer is settings or the list of faults."""
    found = outcome(environ)

    if isinstance(found, ConfigurationError):
        assert found.faults
        assert all(_FAULT.match(fault) for fault in found.faults)


_KEYS = st.sampled_from(
    [
        *{key for place in ENVIRONMENT.values() for key in place},
        "endpoint",
        "ca_bundle",
        "keep_tags",
        "rules",
        "name",
        "repositories",
        "tags",
        "<<",
        "!x",
        "&a",
        "*a",
    ]
)
_YAML = st.recursive(
    st.text(max_size=12).map(lambda text: text.replace("\n", " "))
    | st.sampled_from(["~", "[", "!!int x", '"\\x', "1.10"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda entries: f"[{', '.join(entries)}]")
        | st.dictionaries(_KEYS, inner, max_size=4).map(
            lambda pairs: f"{{{', '.join(f'{key}: {value}' for key, value in pairs.items())}}}"
        )
    ),
    max_leaves=12,
)


@given(content=_YAML.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=80))
@example(b"&a [*a]")
@example(b"a: &a {b: *a}")
@example(b"[" * 400 + b"]" * 400)
@example(b"selection: {keep_tags: " + b"[" * 300 + b"]" * 300 + b"}")
@example(b"%YAML 1." + b"9" * 5000 + b"\n---\na: b")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_raises_anything_else(tmp_path: Path, content: bytes) -> None:
    """Whatever the file holds, the answer is settings or the list of faults."""
    path = tmp_path / "any.yml"
    path.write_bytes(content)
    found = outcome({**BASE, CONFIG_FILE: str(path)})

    assert not isinstance(found, ConfigurationError) or found.faults
