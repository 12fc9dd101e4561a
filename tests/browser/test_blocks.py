import pytest
from playwright.async_api import Page, expect

from tests.browser import gallery
from tests.browser.conftest import LOOP, Opener
from tests.browser.fixture_server import FixtureServer, message
from tests.browser.gallery_data import DATA
from tests.browser.gallery_forms import modal
from tests.browser.gallery_structures import STRUCTURE
from tests.browser.gallery_texts import TEXTS
from tests.browser.kit import block, number, raw, section

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]

SIZES = [(1280, 800), (390, 844)]

# Nothing may stick out of the window, be cut off by it, or make it scroll sideways.
STICKS_OUT = """() => {
    const scrolls = (node) => node.closest(".table-scroll, .carousel-rail, .sidebar, .sr-only, .skip, .you");
    const wide = [...document.querySelectorAll("body *")].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(node);
    });
    return [document.documentElement.scrollWidth > innerWidth, ...wide.map((node) => node.outerHTML.slice(0, 120))];
}"""

# The contrast of every piece of text with what is behind it, where that is below what WCAG 2.2 AA asks for.
TOO_FAINT = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => {
        const linear = (n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
        const part = [r, g, b].map((n) => linear(n / 255));
        return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
    };
    const over = (top, below) => top.slice(0, 3).map((n, at) => (n * top[3] + below[at] * (255 - top[3])) / 255);
    const behind = (node) => {
        const layers = [];
        for (let at = node; at; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (style.backgroundImage !== "none") return null;
            layers.push(rgba(style.backgroundColor));
            if (layers.at(-1)[3] === 255) break;
        }
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
    };
    const faint = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const node = text.parentElement;
        const style = getComputedStyle(node);
        if (!text.data.trim() || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (node.closest(".sr-only, .avatar, .emoji, svg, :disabled")) continue;
        const below = behind(node);
        if (!below) continue;
        const [a, b] = [light(over(rgba(style.color), below)), light(below)].sort((x, y) => y - x);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.6 && style.fontWeight >= 700);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < (large ? 3 : 4.5)) faint.push(`${text.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
    }
    return faint;
}"""

# What a screen reader would call every control, where that is nothing.
NAMELESS = """() => {
    const controls = "button, a[href], input, select, textarea, [role=group], [role=region], [role=listbox]";
    return [...document.querySelectorAll(controls)]
        .filter((node) => node.checkVisibility())
        .filter((node) => !node.getAttribute("aria-label") && !node.getAttribute("aria-labelledby"))
        .filter((node) => !node.labels?.length && !node.textContent.trim())
        .map((node) => node.outerHTML.slice(0, 200));
}"""


async def show(server: FixtureServer, open_page: Opener, width: int = 1280, height: int = 800, **options: str) -> Page:
    """Open a channel in which everything has been said."""
    server.files["F1"] = (gallery.CSV, "text/csv")
    server.say(*gallery.everything(), gallery.private_answer(), *gallery.proposal())
    page = await open_page(f"{server.url}/?user=U1&channel=C1", width=width, height=height, **options)
    await page.get_by_text("2 replies").first.wait_for()
    return page


async def test_every_block_there_is_gets_drawn(server: FixtureServer, open_page: Opener) -> None:
    """No block fails to be drawn, each stands under its type, and only the one that nobody knows is called unknown."""
    page = await show(server, open_page)
    for given in [*TEXTS, *DATA, *STRUCTURE]:
        await expect(page.locator(f"[data-block-id='{given['block_id']}'][data-type='{given['type']}']")).to_have_count(
            1
        )
    assert await page.locator(".unknown").all_inner_texts() == ["block of type hologram"]


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_nothing_sticks_out_whatever_its_name(
    server: FixtureServer, open_page: Opener, width: int, height: int
) -> None:
    """Names of 256 characters and every block fit a desktop and a phone without scrolling sideways."""
    page = await show(server, open_page, width, height)
    assert await page.evaluate(STICKS_OUT) == [False]
    await page.locator(".thread-bar").click()
    await page.get_by_text("5 of 37 rows").wait_for()
    assert await page.evaluate(STICKS_OUT) == [False]
    server.state["views"] = [modal()]
    await server.change()
    await page.get_by_role("dialog", name="Clean up").wait_for()
    assert await page.evaluate(STICKS_OUT) == [False]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_can_be_read(server: FixtureServer, open_page: Opener, scheme: str) -> None:
    """In light and in dark, every text has the contrast that WCAG AA asks for."""
    page = await show(server, open_page, color_scheme=scheme)
    await page.locator(".thread-bar").click()
    await page.get_by_text("5 of 37 rows").wait_for()
    assert await page.evaluate(TOO_FAINT) == []
    server.state["views"] = [modal(errors={"in-plain_text_input0": "There is no such repository."})]
    await server.change()
    await page.get_by_text("There is no such repository.").wait_for()
    assert await page.evaluate(TOO_FAINT) == []


async def test_every_control_has_a_name(server: FixtureServer, open_page: Opener) -> None:
    """A screen reader has something to say for every button, link, field and region."""
    page = await show(server, open_page)
    assert await page.evaluate(NAMELESS) == []
    server.state["views"] = [modal()]
    await server.change()
    await page.get_by_role("dialog", name="Clean up").wait_for()
    assert await page.evaluate(NAMELESS) == []


async def test_hostile_names_stay_text(server: FixtureServer, open_page: Opener) -> None:
    """Markup in names runs nothing and draws nothing; it is there to read."""
    page = await show(server, open_page)
    hostile = page.locator("#messages article").filter(has_text="click me")
    assert await hostile.locator("img, script, a[href^='javascript']").count() == 0
    assert await hostile.locator(".mention").count() == 0
    text = await hostile.inner_text()
    assert text.count(gallery.HOSTILE) >= 4
    assert gallery.LONG in text
    assert "<!channel>" in text


async def test_no_picture_is_fetched_from_elsewhere(server: FixtureServer, open_page: Opener) -> None:
    """A picture of another site is a placeholder with its description; one uploaded here is shown."""
    server.files["F9"] = (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "image/gif")
    server.say(
        message("", blocks=[block("image", "1", image_url="https://example.com/p.png", alt_text="a whale")]),
        message("", blocks=[block("image", "2", slack_file={"id": "F9"}, alt_text="a dot")]),
    )
    page = await open_page(server.url)
    await expect(page.get_by_role("img", name="a whale")).to_be_visible()
    await expect(page.locator("img[alt='a dot']")).to_have_attribute("src", f"{server.url}/_ui/files/F9")
    assert await page.locator("img").count() == 1


async def test_a_data_table_sorts_and_turns_pages(server: FixtureServer, open_page: Opener) -> None:
    """Numbers sort as numbers, both ways; pages turn; both stay through an update of the message."""
    server.say(message("", blocks=[DATA[0]]))
    page = await open_page(server.url)
    column = page.locator(".data-table tbody tr td:nth-child(2)")
    await expect(column).to_have_text(["90", "5", "37"])
    await page.get_by_role("button", name="Manifests").click()
    await expect(column).to_have_text(["5", "8", "12"])
    await page.get_by_role("button", name="Manifests").click()
    await expect(column).to_have_text(["100", "90", "41"])
    await page.get_by_role("button", name="Next page").click()
    await expect(column).to_have_text(["37", "12", "8"])
    await expect(page.get_by_role("status").filter(has_text="of 7")).to_have_text("4\u20136 of 7")
    await expect(page.get_by_role("columnheader", name="Manifests")).to_have_attribute("aria-sort", "descending")
    rows = [*DATA[0]["rows"], [raw("team/new"), number(39, "39"), number(58.5, "58.5"), raw("")]]
    server.state["messages"]["C1"][0]["blocks"] = [DATA[0] | {"rows": rows}]
    await server.change()
    await expect(column).to_have_text(["39", "37", "12"])


async def test_charts_are_drawn_and_told(server: FixtureServer, open_page: Opener) -> None:
    """Each chart has its marks for the eye and its numbers as a table for screen readers."""
    server.say(message("", blocks=DATA[1:]))
    page = await open_page(server.url)
    charts = page.locator(".chart")
    await expect(charts).to_have_count(4)
    for index, (selector, count) in enumerate(
        [("rect", 4), (".chart-line", 2), (".chart-area", 2), (".chart-wedge", 3)]
    ):
        await expect(charts.nth(index).locator(f"svg {selector}")).to_have_count(count)
    told = charts.nth(1).locator("table.sr-only tr")
    assert (await told.nth(1).inner_text()).split() == ["W40", "120", "70"]
    await expect(charts.nth(3).locator(".legend li")).to_have_text(["Tagged62", "In an index31", "Locked7"])


async def test_a_container_stays_as_it_was_folded(server: FixtureServer, open_page: Opener) -> None:
    """What the person unfolded stays so when the app redraws the message, and its buttons work."""
    container = next(one for one in STRUCTURE if one["type"] == "container")
    server.say(message("", blocks=[container]))
    page = await open_page(server.url)
    head = page.get_by_role("button", name="Kept, and why")
    await expect(head).to_have_attribute("aria-expanded", "false")
    await expect(page.get_by_text("62 carry a tag that stays")).to_be_hidden()
    await head.click()
    children = [section("in1", "63 carry a tag that stays"), container["child_blocks"][1]]
    server.state["messages"]["C1"][0]["blocks"] = [container | {"child_blocks": children}]
    await server.change()
    await expect(page.get_by_text("63 carry a tag that stays")).to_be_visible()
    await page.get_by_role("button", name="List them").click()
    await expect(page.get_by_role("button", name="List them")).not_to_have_attribute("aria-busy", "true")
    assert [(one["block_id"], one["action_id"]) for one in server.sent("click")] == [("in2", "list_kept")]


async def test_a_plan_says_each_status(server: FixtureServer, open_page: Opener) -> None:
    """Every task's status is told in words as well as by its icon."""
    server.say(message("", blocks=[one for one in STRUCTURE if one["type"] == "plan"]))
    page = await open_page(server.url)
    titles = page.locator(".plan .task-title")
    await expect(titles).to_have_text(
        [
            "Complete: Checked again",
            "In progress: Deleting",
            "Failed: Deleting the index",
            "Pending: Writing the record",
        ]
    )
    await expect(page.get_by_text("1 of 4")).to_be_visible()


async def test_a_broken_block_does_not_break_the_page(server: FixtureServer, open_page: Opener) -> None:
    """A block that lacks what it must have is said to be broken, and the others are drawn."""
    server.say(message("", blocks=[block("table", "t", rows=7), block("plan", "p", title="x", tasks=7)]))
    server.say(message("still here", ago=1))
    page = await open_page(server.url)
    await expect(page.get_by_text("still here")).to_be_visible()
    await expect(page.get_by_text("could not be drawn")).to_have_count(2)
