"""What a form refuses before it is sent, as Slack's own client does."""

from sandbox.slack.elements import Values, is_empty
from sandbox.slack.model import Json

REQUIRED = "Please complete this required field."


def complaints(blocks: list[Json], state: Values) -> dict[str, str]:
    """List what the form itself says is wrong, by block id."""
    errors: dict[str, str] = {}
    for block in blocks:
        element = block.get("element") or {}
        if block.get("type") != "input" or "action_id" not in element:
            continue
        block_id = str(block["block_id"])
        chosen = state.get(block_id, {}).get(element["action_id"])
        if chosen is None or is_empty(chosen):
            if not block.get("optional"):
                errors[block_id] = REQUIRED
        elif (wrong := _typed(element, str(chosen.get("value", "")))) is not None:
            errors[block_id] = wrong
    return errors


def _typed(element: Json, value: str) -> str | None:
    match element["type"]:
        case "plain_text_input":
            if len(value) < element.get("min_length", 0):
                return f"Please enter at least {element['min_length']} characters."
            if len(value) > element.get("max_length", 3000):
                return f"Please enter no more than {element.get('max_length', 3000)} characters."
        case "number_input":
            return _number(element, value)
        case "email_text_input" if "@" not in value:
            return "Please enter a valid email address."
        case "url_text_input" if "://" not in value:
            return "Please enter a valid URL."
    return None


def _number(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of no more than {element['max_value']}."
    return None
