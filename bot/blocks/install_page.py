"""The pages that somebody sees in a browser who installs the app into a workspace. Pure functions; whole HTML pages."""

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; line-height: 1.5; max-width: 38rem; margin: 4rem auto; padding: 0 1rem;
  color: #1d1c1d; background: #fff; }}
a.button {{ display: inline-block; padding: .6rem 1.2rem; border-radius: .4rem; background: #0b3d5c; color: #fff;
  text-decoration: none; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""

_CANCELLED = "access_denied"
# Slack's and Bolt's words for what went wrong; whoever reads them has done nothing wrong but to wait.
_AGAIN = {
    "invalid_browser": "It was begun in another browser, or this one keeps no cookies.",
    "invalid_state": "It was begun too long ago, or it has been ended already.",
    "missing_code": "Slack's answer was not complete.",
    "invalid_code": "Slack did not take its own answer: it is too old, or was used already.",
}


def begin_page(authorize_url: str) -> str:
    """Ask whoever came here to go to Slack."""
    return _page(
        "Install acr-janitor",
        "<p>acr-janitor cleans up Azure Container Registry from Slack. Slack asks you next which workspace to install"
        " it in, and shows what it may do there. Only workspaces that are named in its settings can install it.</p>"
        f'<p><a class="button" href="{escape(authorize_url)}">Go on to Slack</a></p>',
    )


def installed_page(workspace: str) -> str:
    """Say that it worked. ``workspace`` is its name."""
    return _page(
        "acr-janitor is installed",
        f"<p>It is in the workspace <strong>{escape(workspace)}</strong> now. You can close this page: in Slack, type"
        " <code>/acr help</code>, and invite it to the channels where proposals are to be posted with"
        " <code>/invite @acr-janitor</code>.</p>",
    )


def not_installed_page(reason: str, again: str, *, explained: str = "") -> str:
    """Say that it did not work, and why. ``reason`` is Slack's or Bolt's word, ``explained`` ours if there is more."""
    if reason == _CANCELLED:
        why = "You have cancelled it in Slack, so nothing was changed."
    else:
        why = explained or _AGAIN.get(reason, f"Slack says {reason[:100]}.")
    return _page(
        "acr-janitor was not installed",
        f'<p>{escape(why)}</p><p><a class="button" href="{escape(again)}">Begin again</a></p>',
    )


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=title, body=body)
