"""Loading settings from a complete environment with changes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.settings import Settings, load_settings
from bot.settings.sources import CONFIG_FILE

Load = Callable[..., Settings]
Faults = Callable[..., tuple[str, ...]]

BOT_TOKEN = "xoxb-111-222-abcDEF"
SIGNING_SECRET = "8f742231b10e8888abcd99e2be5a85a5"
BASE = {
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "ACR_REGISTRIES": "myregistry.azurecr.io",
}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load settings from a complete environment with changes, and from the text of a file where there is one."""

    def load(file: str = "", *, require_slack: bool = True, **environ: str) -> Settings:
        if file:
            path = tmp_path / "janitor.yml"
            path.write_text(file, encoding="utf-8")
            environ[CONFIG_FILE] = str(path)
        return load_settings(BASE | environ, require_slack=require_slack)

    return load


@pytest.fixture
def faults(load: Load) -> Faults:
    """Load settings that do not fit, and give the faults."""

    def faults(file: str = "", **environ: str) -> tuple[str, ...]:
        with pytest.raises(ConfigurationError) as caught:
            load(file, **environ)
        return caught.value.faults

    return faults
