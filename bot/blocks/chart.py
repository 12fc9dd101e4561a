"""Slack's own chart of sizes. A workspace that does not know it gets the message without it (see ``forms``)."""

from collections.abc import Mapping, Sequence

from bot.blocks.message import Block
from bot.blocks.text import name

# More bars than that nobody reads at a glance.
BARS = 6
POINTS_MOST = 20
_LABEL_MOST = 20
_UNITS = (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))


def sizes_chart(title: str, names: Sequence[str], series: Mapping[str, Sequence[int]], *, kind: str = "bar") -> Block:
    """Draw bytes of each name, by series, in one unit; ``title`` gets the unit. ``kind`` is ``bar`` or ``line``.

    At most POINTS_MOST names, and a value for each in every series.
    """
    largest = max((value for values in series.values() for value in values), default=0)
    unit, factor = next((pair for pair in _UNITS if largest >= pair[1]), ("bytes", 1))
    labels = _labels(names)
    return {
        "type": "data_visualization",
        "title": f"{title}, in {unit}",
        "chart": {
            "type": kind,
            "series": [
                {
                    "name": each,
                    "data": [
                        {"label": label, "value": round(value / factor, 2)}
                        for label, value in zip(labels, values, strict=True)
                    ],
                }
                for each, values in series.items()
            ],
            "axis_config": {"categories": labels, "y_label": unit},
        },
    }


def _labels(names: Sequence[str]) -> list[str]:
    """Give each name a label of its own: long ones can be cut to the same."""
    labels: list[str] = []
    for each in names:
        label, number_of_it = name(each, _LABEL_MOST), 1
        while label in labels:
            number_of_it += 1
            label = f"{name(each, _LABEL_MOST - 3)} {number_of_it}"
        labels.append(label)
    return labels
