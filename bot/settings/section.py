"""What every group of settings shares."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings. Frozen, and a key that it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)
