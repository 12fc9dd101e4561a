"""docs/configuration.md: every setting is documented, with its variable and its default, and nothing else is."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from pydantic import BaseModel, SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from bot.settings import (
    RegistrySettings,
    RepositoryApprovals,
    RuleSettings,
    Settings,
    TeamSettings,
    WorkspaceSettings,
    load_settings,
)
from bot.settings.sources import CONFIG_FILE, ENVIRONMENT, dotted
from tests.project.conftest import ROOT

TEXT = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")


class Row(NamedTuple):
    """A line of the table of settings."""

    variable: str
    key: str
    default: str
    meaning: str


def rows() -> list[Row]:
    """Read the table of all settings."""
    table = TEXT.partition("## All settings")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    return [Row(variable.strip("`"), key.strip("`"), default, meaning) for variable, key, default, meaning in cells[2:]]


LISTS: Mapping[str, type[BaseModel]] = {
    "registries": RegistrySettings,
    "approvals.by_repository": RepositoryApprovals,
    "rules": RuleSettings,
    "teams": TeamSettings,
    "workspaces": WorkspaceSettings,
    "workspaces.by_repository": RepositoryApprovals,
}


def leaves(model: type[BaseModel], place: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Give every setting with its key, a list of sections like a section."""
    for name, field in model.model_fields.items():
        key = f"{place}.{name}".strip(".")
        annotation = field.annotation
        # A list of sections: what its own type would say is hidden in a tuple.
        if key in LISTS:
            yield key, field
            annotation = LISTS[key]
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from leaves(annotation, key)
        else:
            yield key, field


SETTINGS: Mapping[str, FieldInfo] = dict(leaves(Settings))


def test_every_setting_is_documented() -> None:
    """The table has each setting once, and no other."""
    assert sorted(row.key for row in rows()) == sorted(SETTINGS)


def test_every_variable_is_documented() -> None:
    """The table has each variable beside the key that it sets."""
    documented = {row.variable: row.key for row in rows() if row.variable}

    assert documented == {name: dotted(place) for name, place in ENVIRONMENT.items()}
    assert f"| `{CONFIG_FILE}` |" in TEXT


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.key)
def test_the_default_is_the_one_in_the_table(row: Row) -> None:
    """What the table calls the default is what the code takes when nothing is set."""
    field = SETTINGS[row.key]
    if not (quoted := re.fullmatch(r"`(.*)`", row.default)):
        assert field.is_required() or not plain(field.default), "a default that is not shown"
        return
    given: Any = TypeAdapter(field.rebuild_annotation()).validate_python(quoted[1])
    assert plain(given) == plain(field.default)


def plain(value: Any) -> Any:
    """Take a value out of its wrapping."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def test_the_example_is_a_file_that_works(tmp_path: Path) -> None:
    """The file of the document is valid as it stands, where the certificates are."""
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    example = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert example is not None
    path = tmp_path / "janitor.yml"
    path.write_text(example[1].replace("/etc/ssl/certs/ca-certificates.crt", str(bundle)), encoding="utf-8")

    loaded = load_settings({CONFIG_FILE: str(path)}, require_slack=False)

    assert [registry.name for registry in loaded.registries] == ["myregistry", "attic"]
    assert [rule.name for rule in loaded.rules] == ["ci-images", "left-behind"]


@pytest.mark.parametrize(
    ("environ", "file"),
    [
        ({"ACR_GRACE": "24 hrs"}, ""),
        ({}, "# one\n\n\napprovals:\n  aprovers: [U0123]\n"),
    ],
)
def test_the_faults_of_the_document_are_the_real_ones(tmp_path: Path, environ: dict[str, str], file: str) -> None:
    """The sample of faults is what the app really says."""
    path = tmp_path / "janitor.yml"
    path.write_text(file, encoding="utf-8")

    with pytest.raises(Exception, match="fault") as caught:
        load_settings({"ACR_REGISTRIES": "a.azurecr.io", CONFIG_FILE: str(path), **environ}, require_slack=False)

    assert str(caught.value).splitlines()[1] in TEXT
