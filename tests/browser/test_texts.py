import json
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.conftest import LOOP, Opener
from tests.browser.fixture_server import FixtureServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]


async def drawn(page: Page, module: str, call: str, *arguments: Any) -> str:
    """Call a function of one of the page's modules and return the markup of the nodes it makes."""
    script = """async ([module, call, given]) => {
        const made = (await import(`/page/${module}.js`))[call](...given);
        const box = document.createElement("div");
        box.append(...[made].flat());
        return box.innerHTML;
    }"""
    html: str = await page.evaluate(script, [module, call, list(arguments)])
    return html


MRKDWN = {
    "*bold* _italic_ ~struck~": "<strong>bold</strong> <em>italic</em> <s>struck</s>",
    "*a _b_ c*": "<strong>a <em>b</em> c</strong>",
    "snake_case_name 2*3*4 a*b*": "snake_case_name 2*3*4 a*b*",
    "* not bold *": "* not bold *",
    "*across\nlines*": "*across<br>lines*",
    "`*code*` and `a &lt; b`": "<code>*code*</code> and <code>a &lt; b</code>",
    "*see `a*b` here*": "<strong>see <code>a*b</code> here</strong>",
    "```\nx *y*\n```after": '<pre tabindex="0">x *y*</pre>after',
    "> one\n&gt; two\nthree": "<blockquote>one<br>two</blockquote>three",
    "1 &lt; 2 &amp;&amp; 3 &gt; 2": "1 &lt; 2 &amp;&amp; 3 &gt; 2",
    "&amp;lt;": "&amp;lt;",
    "<b>&lt;i&gt;": "<span>&lt;b&gt;</span>&lt;i&gt;",
    "<https://a.example/?x=1&amp;y=2|*b*>": (
        '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer"><strong>b</strong></a>'
    ),
    "https://a.example/b.": (
        '<a href="https://a.example/b" target="_blank" rel="noopener noreferrer">https://a.example/b</a>.'
    ),
    "<javascript:alert(1)|x>": "<span>x</span>",
    "<@U2> <@U404>": ('<span class="mention" title="approver">@sam</span> <span class="mention">@U404</span>'),
    "<@U1>": '<span class="mention mention-me" title="developer">@riley</span>',
    "<#C2> <#C404|gone>": (
        '<a class="mention" href="#" data-channel="C2">#general</a> '
        '<a class="mention" href="#" data-channel="C404">#gone</a>'
    ),
    "<!subteam^S1>": '<span class="mention" title="Registry owners">@registry-owners</span>',
    "<!here>": '<span class="mention mention-me">@here</span>',
    "<!date^0^{date_num}|then>": (
        '<time datetime="1970-01-01T00:00:00.000Z" title="Thursday, January 1, 1970 at 12:00:00 AM">1970-01-01</time>'
    ),
    "<!date^soon^{date}|later>": '<time title="later">later</time>',
    ":no_such:": ":no_such:",
    "10:30:45": "10:30:45",
}


@pytest_asyncio.fixture(loop_scope=LOOP)
async def blank(server: FixtureServer, open_page: Opener) -> Page:
    """Open the page with nothing said in it, in a fixed zone and language."""
    page = await open_page(server.url, timezone_id="UTC", locale="en-US")
    await page.get_by_role("heading", name="registry").first.wait_for()
    return page


async def test_mrkdwn_means_what_it_means_in_slack(blank: Page) -> None:
    """Each piece of Slack's markup becomes the elements it stands for, and what is none stays text."""
    made = {source: await drawn(blank, "mrkdwn", "mrkdwn", source) for source in MRKDWN}
    assert made == MRKDWN


async def test_plain_text_is_taken_literally(blank: Page) -> None:
    """A plain text object shows its markup and its entities as they are; only emoji names are drawn."""
    html = await drawn(blank, "mrkdwn", "textNodes", {"type": "plain_text", "text": "*a* &lt; <!channel>\n:tada:"})
    assert html.startswith("*a* &amp;lt; &lt;!channel&gt;<br><span ")
    assert 'aria-label=":tada:"' in html


async def test_emoji_are_drawn_by_name_and_by_character(blank: Page) -> None:
    """The common emoji are drawn without an emoji font, whether named or typed, also with its colour selector."""
    for text in (":warning:", "⚠", "⚠️"):
        html = await drawn(blank, "mrkdwn", "mrkdwn", text)
        assert html.count("<svg") == 1, text
        assert 'aria-label=":warning:"' in html


MARKDOWN = {
    "# One\ntwo\nthree": '<h3 class="md-h md-h1">One</h3><p>two<br>three</p>',
    "**b** __b__ *i* _i_ ~~s~~ `c*d*`": (
        "<p><strong>b</strong> <strong>b</strong> <em>i</em> <em>i</em> <s>s</s> <code>c*d*</code></p>"
    ),
    "snake_case_name, \\*not\\*, 2 * 3 * 4": "<p>snake_case_name, *not*, 2 * 3 * 4</p>",
    "- a\n  1. b\n  2. c\n- d": '<ul><li>a<ol start="1"><li>b</li><li>c</li></ol></li><li>d</li></ul>',
    "3. c\n4. d": '<ol start="3"><li>c</li><li>d</li></ol>',
    "- [x] done": '<ul><li class="md-task"><input type="checkbox" disabled="" aria-label="done">done</li></ul>',
    "> a\n> > b": "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
    "```py\n# <x>\n```": '<pre tabindex="0"># &lt;x&gt;</pre>',
    "a\n\n---\nb": "<p>a</p><hr><p>b</p>",
    "<b>&amp;</b>": "<p>&lt;b&gt;&amp;&lt;/b&gt;</p>",
    "[a](https://a.example/(b)) [c](javascript:d)": (
        '<p><a href="https://a.example/(b)" target="_blank" rel="noopener noreferrer">a</a> <span>c</span></p>'
    ),
}


async def test_markdown_is_standard_markdown_without_html(blank: Page) -> None:
    """Headings, lists, quotes, code and links of the markdown block are drawn, and HTML in it stays text."""
    made = {source: await drawn(blank, "markdown", "markdown", source) for source in MARKDOWN}
    assert made == {source: f'<div class="md text">{html}</div>' for source, html in MARKDOWN.items()}


async def test_a_markdown_table_keeps_its_alignment_and_escaped_bars(blank: Page) -> None:
    """Colons in the divider align the columns, and an escaped bar is no cell's end."""
    html = await drawn(blank, "markdown", "markdown", "| a | b |\n|:-:|--:|\n| `x\\|y` | 2 |")
    assert '<th class="align-center">a</th><th class="align-right">b</th>' in html
    assert '<td class="align-center"><code>x|y</code></td><td class="align-right">2</td>' in html


DATES = {
    "{date}": "November 18, 2026",
    "{date_short}": "Nov 18, 2026",
    "{date_long}": "Wednesday, November 18, 2026",
    "{date_num} {time}": "2026-11-18 11:06\u202fAM",
    "{time_secs}": "11:06:40\u202fAM",
    "{unknown}": "{unknown}",
}


async def test_dates_follow_the_readers_zone(blank: Page) -> None:
    """Each token of a date format is filled in the browser's zone, and an unknown one stays."""
    script = "async (format) => (await import('/page/time.js')).slackDate(1795000000, format, 'never')"
    made = {form: await blank.evaluate(script, form) for form in DATES}
    assert {form: text.replace(" AM", "\u202fAM") for form, text in made.items()} == DATES


async def test_csv_is_read_with_its_quotes_and_line_ends(blank: Page) -> None:
    """Quoted commas, quotes and line breaks belong to their field; a byte order mark and empty lines to none."""
    text = '\ufeffa,b\r\n"x, ""y""","two\nlines"\n\nlast,'
    rows = await blank.evaluate("async (text) => (await import('/page/csv.js')).parseCsv(text)", text)
    assert rows == [["a", "b"], ['x, "y"', "two\nlines"], ["last", ""]]


async def test_an_absurdly_long_text_is_drawn_soon(blank: Page) -> None:
    """Text made to make a parser go back and forth is drawn at once, not in minutes."""
    worst = [("mrkdwn", "*" * 3000), ("mrkdwn", "<" * 3000), ("mrkdwn", "*a " * 1000), ("markdown", "[" * 6000)]
    worst += [("markdown", "**a " * 3000), ("markdown", "`" * 6000), ("markdown", "_a" * 6000)]
    for call, text in worst:
        assert json.dumps(await drawn(blank, call, call, text))
