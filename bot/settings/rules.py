"""Standing rules: what people propose again and again, by a name."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from bot.settings import values
from bot.settings.section import Section


class RuleSettings(Section):
    """A standing rule: what of which repositories people propose again and again, by a name.

    It selects what all of its keys ask for; of what carries a tag and what carries none as ``/acr old`` does.
    """

    name: Annotated[str, AfterValidator(values.typed_name)] = Field(
        description="a name of its own: up to 64 letters, digits, dots, dashes and underscores",
        examples=["ci-images"],
    )
    repositories: Annotated[
        tuple[Annotated[str, AfterValidator(values.repositories)], ...],
        BeforeValidator(values.listed),
        AfterValidator(values.some),
    ] = Field(description="a list of repositories or globs over them", examples=["ci/*"])
    registry: str = Field(
        default="", description="the name of one of the registries, where it is about that alone", examples=["attic"]
    )
    older_than: Annotated[timedelta, BeforeValidator(values.positive_duration)] | None = Field(
        default=None, description="a length of time such as 30d, 36h or 1d12h, more than 0", examples=["14d"]
    )
    tags: Annotated[str, AfterValidator(values.tag_pattern)] = Field(
        default="",
        description="a regular expression of RE2's syntax that a whole tag must match, in quotation marks",
        examples=["pr-.*"],
    )
    untagged: bool = Field(default=False, description="true or false", examples=["true"])
    keep: int = Field(default=0, ge=0, le=10_000, description="a whole number from 0 to 10000", examples=["3"])

    @model_validator(mode="after")
    def _selects_something(self) -> "RuleSettings":
        if self.older_than is None and not self.tags and not self.untagged:
            raise ValueError(
                f"The rule {self.name} says of no manifest why it could go: it needs older_than, tags or untagged."
            )
        return self


def check_rules(rules: tuple[RuleSettings, ...], info: ValidationInfo) -> tuple[RuleSettings, ...]:
    """Check that no two rules have one name, and that their registries are there. Raises ValueError."""
    registries = info.data.get("registries", ())  # none where they are mistaken: that is the fault that is told
    known = {name.lower() for registry in registries for name in (registry.name, registry.login_server)}
    names: set[str] = set()
    for rule in rules:
        if rule.name.lower() in names:
            raise ValueError(f"Two rules have the name {rule.name}.")
        names.add(rule.name.lower())
        if rule.registry and known and rule.registry.lower() not in known:
            raise ValueError(f"The rule {rule.name} names a registry that is not in registries: {rule.registry}.")
    return rules
