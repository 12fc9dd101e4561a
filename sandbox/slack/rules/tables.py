"""The rules on tables and charts."""

from typing import Any

from sandbox.slack.rules.elements import check_element
from sandbox.slack.rules.faults import Faults, kind_of
from sandbox.slack.rules.rich_text import check_rich_text, length

ROWS = 100
COLUMNS = 20
TABLE_CHARACTERS = 10_000
# The block's page says 101 rows, newer guidance of Slack's says 200 data rows: what passes both, passes.
DATA_ROWS = 101
DATA_CHARACTERS = 20_000
PAGE = 100
CHART_TITLE = 50
CHART_LABEL = 20
SERIES = 6
POINTS = 20
CHARTS = 2


def check_table(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    """Check a table block."""
    faults.object(pointer, block, ("type", "rows"), ("block_id", "column_settings"))
    _only_one(faults, pointer)
    characters = _rows(faults, f"{pointer}/rows", block.get("rows"), ROWS, 1)
    if faults.count("table", characters) > TABLE_CHARACTERS:
        faults.add(f"{pointer}/rows", f"table text must be less than {TABLE_CHARACTERS + 1} characters")
    if "column_settings" in block:
        at = f"{pointer}/column_settings"
        for index, setting in enumerate(faults.items(at, block["column_settings"], COLUMNS, 0)):
            if setting is not None and faults.object(f"{at}/{index}", setting, (), ("align", "is_wrapped")):
                faults.flags(f"{at}/{index}", setting, "is_wrapped")
                faults.one_of(f"{at}/{index}/align", setting.get("align", "left"), ("left", "center", "right"))


def check_data_table(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    """Check a data_table block: first the header, then the rows."""
    optional = ("block_id", "page_size", "row_header_column_index")
    faults.object(pointer, block, ("type", "caption", "rows"), optional)
    faults.strings(pointer, block, caption=TABLE_CHARACTERS)
    _only_one(faults, pointer)
    page = block.get("page_size", 1)
    if not isinstance(page, int) or not 1 <= page <= PAGE:
        faults.add(f"{pointer}/page_size", f"must be between 1 and {PAGE}")
    rows = block.get("rows")
    characters = _rows(faults, f"{pointer}/rows", rows, DATA_ROWS, 2, with_actions=True)
    if faults.count("data_table", characters) > DATA_CHARACTERS:
        faults.add(f"{pointer}/rows", f"table text must be less than {DATA_CHARACTERS + 1} characters")
    header = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else []
    for index, cell in enumerate(header):
        if kind_of(cell) not in {"raw_text", "raw_number"}:
            faults.add(f"{pointer}/rows/0/{index}/type", "the header row holds raw cells only")
    column = block.get("row_header_column_index", 0)
    if not isinstance(column, int) or not 0 <= column < max(1, len(header)):
        faults.add(f"{pointer}/row_header_column_index", "must be the index of a column")


def check_chart(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    """Check a data_visualization block."""
    faults.object(pointer, block, ("type", "title", "chart"), ("block_id",))
    faults.strings(pointer, block, title=CHART_TITLE)
    faults.charts += 1
    if faults.charts > CHARTS:
        faults.add(pointer, f"no more than {CHARTS} data_visualization blocks allowed")
    chart, at = block.get("chart"), f"{pointer}/chart"
    if not isinstance(chart, dict):
        faults.add(at, "must be an object")
    elif chart.get("type") == "pie":
        faults.object(at, chart, ("type", "segments"))
        for index, segment in enumerate(faults.items(f"{at}/segments", chart.get("segments"), SERIES)):
            _point(faults, f"{at}/segments/{index}", segment, positive=True)
    else:
        faults.one_of(f"{at}/type", chart.get("type"), ("line", "bar", "area", "pie"))
        faults.object(at, chart, ("type", "series", "axis_config"))
        _series(faults, at, chart)


def _series(faults: Faults, pointer: str, chart: dict[str, Any]) -> None:
    axis = chart.get("axis_config")
    categories: list[Any] = []
    if faults.object(f"{pointer}/axis_config", axis, ("categories",), ("x_label", "y_label")) and axis:
        at = f"{pointer}/axis_config"
        faults.strings(at, axis, x_label=CHART_TITLE, y_label=CHART_TITLE)
        categories = faults.items(f"{at}/categories", axis.get("categories"), POINTS)
        for index, category in enumerate(categories):
            faults.string(f"{at}/categories/{index}", category, CHART_LABEL)
    names: set[str] = set()
    for number, series in enumerate(faults.items(f"{pointer}/series", chart.get("series"), SERIES)):
        at = f"{pointer}/series/{number}"
        if not faults.object(at, series, ("name", "data")):
            continue
        faults.strings(at, series, name=CHART_LABEL)
        name = str(series.get("name"))
        if name in names:
            faults.add(f"{at}/name", "series names must be unique within a chart")
        names.add(name)
        points = faults.items(f"{at}/data", series.get("data"), POINTS)
        for index, point in enumerate(points):
            _point(faults, f"{at}/data/{index}", point)
        labels = [point.get("label") for point in points if isinstance(point, dict)]
        if sorted(map(str, labels)) != sorted(map(str, categories)):
            faults.add(f"{at}/data", "must hold exactly one data point for each category")


def _point(faults: Faults, pointer: str, point: Any, *, positive: bool = False) -> None:
    if not faults.object(pointer, point, ("label", "value")):
        return
    faults.strings(pointer, point, label=CHART_LABEL)
    value = point.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.add(f"{pointer}/value", "must be a number")
    elif positive and value <= 0:
        faults.add(f"{pointer}/value", "must be more than 0")


def _only_one(faults: Faults, pointer: str) -> None:
    faults.tables += 1
    if faults.tables > 1:
        faults.add(pointer, "only_one_table_allowed")


def _rows(faults: Faults, pointer: str, rows: Any, most: int, least: int, *, with_actions: bool = False) -> int:
    characters = 0
    for number, row in enumerate(faults.items(pointer, rows, most, least)):
        for index, cell in enumerate(faults.items(f"{pointer}/{number}", row, COLUMNS)):
            characters += _cell(faults, f"{pointer}/{number}/{index}", cell, with_actions=with_actions)
    return characters


def _cell(faults: Faults, pointer: str, cell: Any, *, with_actions: bool) -> int:
    kind = kind_of(cell)
    match kind:
        case "raw_text":
            faults.object(pointer, cell, ("type", "text"))
            faults.strings(pointer, cell, text=TABLE_CHARACTERS)
        case "raw_number":
            faults.object(pointer, cell, ("type", "value", "text"))
            faults.strings(pointer, cell, text=TABLE_CHARACTERS)
            if isinstance(cell.get("value"), bool) or not isinstance(cell.get("value"), int | float):
                faults.add(f"{pointer}/value", "must be a number")
        case "rich_text":
            check_rich_text(faults, pointer, cell)
        case "action_cell" if with_actions:
            if faults.object(pointer, cell, ("type", "element"), ("fallback",)):
                check_element(faults, f"{pointer}/element", cell.get("element"), frozenset({"button"}))
            return 0
        case _:
            faults.add(f"{pointer}/type", f"unsupported cell type: {kind}")
            return 0
    return length(cell)
