import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlanBlock,
    SectionBlock,
    TableBlock,
    TaskCardBlock,
)

from sandbox.slack import check_message
from sandbox.slack.limits import check_options
from sandbox.slack.rules.faults import Surface
from tests.sandbox_slack.build import (
    ON,
    SURFACES,
    Json,
    card,
    chart,
    confirm,
    container,
    data_table,
    field,
    home,
    message,
    modal,
    mrkdwn,
    options,
    plain,
    plan,
    section,
    select,
    table,
    task,
)
from tests.sandbox_slack.limit_cases import ALLOWED, LIMITS


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_where_slack_has_it(name: str) -> None:
    """What holds a limit exactly passes, and one more is refused with the reason."""
    surface, within, past, reason = LIMITS[name]
    assert check_message(ON[surface](*within), surface) == []
    lines = check_message(ON[surface](*past), surface)
    assert any(reason in line for line in lines), lines
    assert all(line.startswith("[ERROR] ") and "[json-pointer:" in line for line in lines)


@pytest.mark.parametrize(
    ("past", "reason"),
    [
        ({"title": plain(25)}, "must be less than 25 characters [json-pointer:/title/text]"),
        ({"submit": plain(25)}, "must be less than 25 characters [json-pointer:/submit/text]"),
        ({"close": plain(25)}, "must be less than 25 characters [json-pointer:/close/text]"),
        ({"title": mrkdwn()}, "must be plain_text"),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters [json-pointer:/private_metadata]"),
        ({"callback_id": "x" * 256}, "must be less than 256 characters"),
        ({"external_id": "x" * 256}, "must be less than 256 characters"),
        ({"clear_on_close": "yes"}, "must be a boolean"),
        ({"blocks": []}, "no fewer than 1 items"),
        ({"colour": "red"}, "invalid additional property: colour"),
        ({"type": "home"}, "must be one of: modal"),
    ],
)
def test_a_modals_own_fields_are_checked(past: Json, reason: str) -> None:
    """A modal's title, buttons, hidden data and flags have their limits."""
    within = {
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": "x" * 3000,
        "callback_id": "x" * 255,
        "external_id": "x" * 255,
    }
    assert check_message(modal(section(), **within), "modal") == []
    lines = check_message({**modal(section(), **within), **past}, "modal")
    assert any(reason in line for line in lines), lines


def test_a_modal_that_asks_needs_a_submit_button() -> None:
    """Input blocks without a submit button are refused in a modal."""
    asking = modal(field({"type": "plain_text_input"}))
    assert check_message(asking, "modal") == []
    del asking["submit"]
    assert "missing required field: submit" in check_message(asking, "modal")[0]


def test_a_home_has_no_title_and_no_buttons() -> None:
    """A Home tab with a modal's fields is refused."""
    lines = check_message(home(section(), title=plain(), submit=plain()), "home")
    assert [line.split(" [")[0] for line in lines] == [
        "[ERROR] invalid additional property: submit",
        "[ERROR] invalid additional property: title",
    ]


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("kind", ALLOWED)
def test_a_block_stands_only_where_slack_draws_it(kind: str, surface: Surface) -> None:
    """Each block and each special input is taken on its surfaces and refused on the others."""
    block, surfaces = ALLOWED[kind]
    assert (check_message(ON[surface](block), surface) == []) == (surface in surfaces)


@pytest.mark.parametrize(
    "block",
    [chart(), data_table(), plan(), task(), card(), container(), {"type": "carousel", "elements": [card()]}],
    ids=lambda block: str(block["type"]),
)
def test_newer_blocks_can_be_unknown(block: Json) -> None:
    """A workspace that the rollout hasn't reached refuses the newer blocks, and only those."""
    assert check_message(message(block), "message") == []
    assert "unsupported type" in check_message(message(block), "message", newer_blocks=False)[0]
    assert check_message(message(section(), table()), "message", newer_blocks=False) == []


def test_a_message_needs_text_for_notifications() -> None:
    """Blocks alone are refused: notifications and screen readers would be empty."""
    assert "missing required field: text" in check_message({"blocks": [section()]}, "message")[0]
    assert "missing required field: text" in check_message({"blocks": [section()], "text": "  "}, "message")[0]


def test_a_messages_text_fits_an_update() -> None:
    """Text past 4,000 characters is refused, since chat.update would refuse it."""
    assert check_message({"text": "x" * 4000}, "message") == []
    assert "must be less than 4001 characters [json-pointer:/text]" in check_message({"text": "x" * 4001}, "message")[0]


def test_attachments_are_checked_too() -> None:
    """Blocks within attachments obey the same rules and share the counts."""
    assert check_message(message(attachments=[{"color": "#fff", "blocks": [table()]}]), "message") == []
    lines = check_message(message(table(), attachments=[{"blocks": [table()]}]), "message")
    assert lines == ["[ERROR] only_one_table_allowed [json-pointer:/attachments/0/blocks/0]"]
    assert "no more than 100" in check_message(message(attachments=[{"text": "x"}] * 101), "message")[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "x", "blocks": "none"},
        {"text": "x", "blocks": [None]},
        {"text": 5},
        {"text": "x", "blocks": [{"type": "section", "text": "bare"}]},
        {"text": "x", "blocks": [{"type": "actions", "elements": "none"}]},
        {"text": "x", "blocks": [{"type": "actions", "elements": [None]}]},
        {"text": "x", "blocks": [{"type": "table", "rows": [None]}]},
        {"text": "x", "blocks": [{"type": "table", "rows": None}]},
        {"text": "x", "blocks": [{"type": "data_visualization", "title": "x", "chart": None}]},
        {"text": "x", "blocks": [{"type": "data_visualization", "title": "x", "chart": {"type": "bar", "series": 1}}]},
        {"text": "x", "blocks": [{"type": "plan", "title": "x", "tasks": [1]}]},
        {"text": "x", "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section"}]}]},
        {"text": "x", "blocks": [{"type": "data_table", "caption": 1, "rows": [1, 2]}]},
        {"text": "x", "blocks": [{"type": "input", "label": plain(), "element": {"type": "static_select"}}]},
        {"text": "x", "blocks": [{"type": "section", "text": plain(), "block_id": 5}]},
        {"text": "x", "blocks": [{"type": ["section"]}]},
    ],
)
def test_malformed_payloads_are_faults_and_no_crash(wrong: Json) -> None:
    """Whatever the shape, the answer is a list of faults."""
    assert check_message(wrong, "message") != []


def test_a_payload_is_left_as_it_was() -> None:
    """Checking changes nothing in what is checked."""
    payload = message(container(), chart(), plan(), table())
    before = copy.deepcopy(payload)
    check_message(payload, "message")
    assert payload == before


def test_what_the_sdk_builds_passes() -> None:
    """Blocks built with slack_sdk.models, within the limits, have no faults."""
    blocks = [
        HeaderBlock(text="Delete 37 manifests?").to_dict(),
        SectionBlock(text="in *myrepo*", fields=["*who*", "<@U1>"]).to_dict(),
        ContextBlock(elements=[MarkdownTextObject(text="expires soon")]).to_dict(),
        TableBlock(rows=[[{"type": "raw_text", "text": "digest"}]], column_settings=[{"align": "left"}]).to_dict(),
        PlanBlock(title="Deleting", tasks=[TaskCardBlock(task_id="1", title="myrepo", status="pending")]).to_dict(),
        ActionsBlock(
            block_id="decide",
            elements=[
                ButtonElement(
                    text="Approve",
                    action_id="approve",
                    value="1",
                    style="danger",
                    confirm=ConfirmObject(title="Sure?", text="Gone is gone", confirm="Delete", deny="Keep"),
                )
            ],
        ).to_dict(),
    ]
    assert check_message(message(*blocks), "message") == []


def test_suggestions_have_limits() -> None:
    """An external select takes at most 100 options, and an empty list means that nothing was found."""
    assert check_options({"options": options(100)}) == []
    assert check_options({"options": []}) == []
    assert "no more than 100" in check_options({"options": options(101)})[0]
    assert "than 76" in check_options({"options": options(1, text=76)})[0]
    assert "exactly one of" in check_options({})[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "elements"]), inner),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """List every place in a payload, as the holder and the key or index in it."""
    entries = list(value.items()) if isinstance(value, dict) else []
    entries = list(enumerate(value)) if isinstance(value, list) else entries
    return [(value, key) for key, _ in entries] + [place for _, inner in entries for place in places(inner)]


@given(data=st.data(), junk=JSON)
def test_no_payload_crashes_the_check(data: st.DataObject, junk: Any) -> None:
    """With any part of a payload replaced by anything, the answer is still a list."""
    kind, surface = data.draw(st.sampled_from([(kind, surface) for kind in ALLOWED for surface in SURFACES]))
    payload = copy.deepcopy(ON[surface](ALLOWED[kind][0], confirm(), select(initial_option=options(1)[0])))
    holder, key = data.draw(st.sampled_from(places(payload)))
    holder[key] = junk
    assert isinstance(check_message(payload, surface), list)
