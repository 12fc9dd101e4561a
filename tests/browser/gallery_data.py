"""Blocks of data: tables and charts."""

from tests.browser.fixture_server import Json
from tests.browser.kit import button, number, raw

DATA: list[Json] = [
    {
        "type": "data_table",
        "block_id": "dt",
        "caption": "Stale repositories, largest first",
        "page_size": 3,
        "rows": [
            [raw("Repository"), raw("Manifests"), raw("Size (GiB)"), raw("")],
            *[
                [
                    raw(f"team/app-{index:02d}"),
                    number(count, str(count)),
                    number(count * 1.5, f"{count * 1.5:.1f}"),
                    {
                        "type": "action_cell",
                        "element": button("Open", "open_repository", value=f"app-{index}"),
                        "fallback": raw("-"),
                    },
                ]
                for index, count in enumerate([90, 5, 37, 12, 100, 41, 8])
            ],
        ],
    },
    *[
        {
            "type": "data_visualization",
            "block_id": f"dv-{kind}",
            "title": f"Stale data by team ({kind})",
            "chart": {
                "type": kind,
                "series": [
                    {
                        "name": name,
                        "data": [{"label": label, "value": base + step * at} for at, label in enumerate(labels)],
                    }
                    for name, base, step in series
                ],
                "axis_config": {"categories": labels, "x_label": "Week", "y_label": "GiB"},
            },
        }
        for kind, labels, series in [
            ("bar", ["Shop", "Payments", "Search", "Infra"], [("Stale", 12, 21)]),
            ("line", [f"W{week}" for week in range(40, 48)], [("Stored", 120, 9), ("Stale", 70, -6)]),
            ("area", [f"W{week}" for week in range(40, 48)], [("In use", 60, 4), ("Stale", 30, -2)]),
        ]
    ],
    {
        "type": "data_visualization",
        "block_id": "dv-pie",
        "title": "What is kept, by reason",
        "chart": {
            "type": "pie",
            "segments": [
                {"label": "Tagged", "value": 62},
                {"label": "In an index", "value": 31},
                {"label": "Locked", "value": 7},
            ],
        },
    },
]
