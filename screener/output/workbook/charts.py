"""Charts that follow their cells: P/E against growth, P/E by name, the sectors side by side."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from screener.model.messages import say
from screener.model.width import width_of
from screener.output.workbook.block import Block
from screener.output.workbook.book import Book
from screener.output.workbook.labels import Position, Scale, Spot, placed, scale_of
from screener.output.workbook.styles import NAVY

if TYPE_CHECKING:
    from screener.screening.result import Result


# Two stand side by side under a table of fifteen columns, and on a page.
_WIDTH, _HEIGHT = 580, 380

# The plot within the chart, in shares of it, so that labels can be placed before it is drawn.
_PLOT = {"x": 0.09, "y": 0.13, "width": 0.87, "height": 0.70}

_LABEL_SIZE = 8

_UNIT_PIXELS = 5.6  # of a label, for each column of a fixed-width font

# Where the dearest name has more than so many times the multiple of the cheapest, the axis is
# logarithmic, to base 2: each line is twice the last.
_SPREAD_FOR_LOG = 8

# Columns are told apart, and their names read, up to so many; of more, the two ends are drawn.
_MOST_COLUMNS = 40

# Up to so many sectors each column has room for its figure, and each name lies flat.
_FEW_SECTORS = 5

# A chart holds 255 series, and each name beside a point is one.
_MOST_LABELS = 60

_ORANGE, _LINE = "#C55A11", "#D9D9D9"

# The corners of the two median lines, in the rows of the statistics beside their block.
_MEDIAN_LINES = (
    ("high", ("low", "eps_cagr"), ("median", "pe_fy1")),
    ("upper_quartile", ("high", "eps_cagr"), ("median", "pe_fy1")),
    ("mean", ("median", "eps_cagr"), ("low", "pe_fy1")),
    ("median", ("median", "eps_cagr"), ("high", "pe_fy1")),
)


def write_charts(book: Book, result: Result, block: Block) -> None:
    """The charts of a sector, below its statistics; none where there is nothing to draw."""
    row = max(block.statistics.values()) + 6
    drawn = [each for each in block.rows if each["pe_fy1"] is not None]
    if any(each["eps_cagr"] is not None for each in drawn):
        _write_median_lines(book, block)
        block.page.sheet.insert_chart(row, 0, _scatter(book, result, block))
    if drawn:
        offset = {"x_offset": _WIDTH + 20}
        block.page.sheet.insert_chart(row, 0, _columns(book, result, block), offset)


def _scatter(book: Book, result: Result, block: Block) -> Any:
    """P/E FY1 against growth: every point one series, and one more for each name with room."""
    points = {
        number: (row["eps_cagr"], row["pe_fy1"])
        for number, row in enumerate(block.rows)
        if row["pe_fy1"] is not None and row["eps_cagr"] is not None
    }
    multiples = [multiple for _, multiple in points.values()]
    base = 2 if max(multiples) > _SPREAD_FOR_LOG * min(multiples) else None
    chart = book.workbook.add_chart({"type": "scatter"})
    page = block.page.reference
    marker = {
        "type": "circle",
        "size": 6,
        "fill": {"color": NAVY},
        "border": {"color": "#FFFFFF"},
    }
    chart.add_series(
        {
            "name": book.head(result.columns["pe_fy1"]).partition("\n")[0],
            "categories": f"={page}{block.area('chart_growth')}",
            "values": f"={page}{block.area('chart_multiple')}",
            "marker": marker,
        }
    )
    for first, last in (("high", "upper_quartile"), ("mean", "median")):
        chart.add_series(_median_line(block, first, last))
    for number, side in _sides(block, points, base).items():
        row = block.first + number
        chart.add_series(
            {
                "name": f"={block.outside('name', row)}",
                "categories": f"={block.outside('chart_growth', row)}",
                "values": f"={block.outside('chart_multiple', row)}",
                "marker": marker,
                "data_labels": {
                    "series_name": True,
                    "value": False,
                    "position": side,
                    "font": {"size": _LABEL_SIZE},
                },
            }
        )
    multiple = book.head(result.columns["pe_fy1"]).partition("\n")[0]
    growth = book.said(say("EPS CAGR"))
    _dress(chart, f"{block.page.name} · {multiple} / {growth}")
    chart.set_x_axis({**_axis(growth, "0%"), "crossing": "min"})
    log = {"log_base": base} if base else {}
    chart.set_y_axis({**_axis(multiple, '0"x"'), "crossing": "min", **log})
    chart.set_legend({"none": True})
    return chart


def _sides(
    block: Block, points: Mapping[int, tuple[float, float]], base: int | None
) -> dict[int, Position]:
    """The rows whose names have room beside their points, and on which side.

    The axes are the program's own, so that a point that an edit moves stays in the picture. On a
    logarithmic one programs differ: Excel ends at powers of the base, LibreOffice at powers of
    ten. A name must have room on both.
    """
    rows = list(points)
    across = scale_of([growth for growth, _ in points.values()])
    width, height = _WIDTH * _PLOT["width"], _HEIGHT * _PLOT["height"]
    multiples = [multiple for _, multiple in points.values()]
    scales = [scale_of(multiples, each) for each in ((base, 10) if base else (None,))]

    def spot(up: Scale, point: tuple[float, float], name: str) -> Spot:
        growth, multiple = point
        wide = width_of(name) * _UNIT_PIXELS
        return Spot(across.at(growth) * width, (1 - up.at(multiple)) * height, wide)

    layouts = [
        [spot(up, point, block.rows[number]["name"]) for number, point in points.items()]
        for up in scales
    ]
    middle = median(growth for growth, _ in points.values()), median(multiples)
    lines = [spot(up, middle, "") for up in scales]
    return {
        rows[place]: side
        for place, side in placed(layouts, width, height, lines, _MOST_LABELS).items()
    }


def _write_median_lines(book: Book, block: Block) -> None:
    for at, across, up in _MEDIAN_LINES:
        for column, (statistic, metric) in (("chart_growth", across), ("chart_multiple", up)):
            place = block.statistic(statistic, metric)
            value = block.figures[metric][statistic]
            shown = "#N/A" if value is None else value
            formula = f"=IF(ISNUMBER({place}),{place},NA())"
            style = book.style("computed", "percent" if column == "chart_growth" else "multiple")
            block.page.formula(block.statistics[at], block.columns[column], formula, shown, style)


def _median_line(block: Block, first: str, last: str) -> dict[str, Any]:
    rows = block.statistics[first], block.statistics[last]
    cells = {
        name: f"={block.outside(name, rows[0])}:{block.outside(name, rows[1]).rpartition('!')[2]}"
        for name in ("chart_growth", "chart_multiple")
    }
    return {
        "name": "median",
        "categories": cells["chart_growth"],
        "values": cells["chart_multiple"],
        "marker": {"type": "none"},
        "line": {"color": _ORANGE, "width": 1, "dash_type": "dash"},
    }


def _columns(book: Book, result: Result, block: Block) -> Any:
    """P/E FY1 of each name in the order of the sheet, and the median across.

    Of more names than can be told apart, the first and the last that have one.
    """
    known = [at for at, row in enumerate(block.rows) if row["pe_fy1"] is not None]
    is_whole = len(block.rows) <= _MOST_COLUMNS or len(known) <= _MOST_COLUMNS
    half = _MOST_COLUMNS // 2
    ends = [(0, min(len(block.rows), _MOST_COLUMNS) - 1)]
    if not is_whole:
        ends = [(known[0], known[half - 1]), (known[-half], known[-1])]
    drawn = [row for first, last in ends for row in block.rows[first : last + 1]]

    def top(name: str) -> str:
        areas = [
            block.outside(name, block.first + first)
            + ":"
            + block.outside(name, block.first + last).rpartition("!")[2]
            for first, last in ends
        ]
        return f"={areas[0]}" if len(areas) == 1 else f"=({','.join(areas)})"

    label = book.head(result.columns["pe_fy1"]).partition("\n")[0]
    chart = book.workbook.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": label,
            "categories": top("name"),
            "values": top("chart_bar"),
            "fill": {"color": "#8EA9DB"},
            "gap": 60,
        }
    )
    line = book.workbook.add_chart({"type": "line"})
    line.add_series(
        {
            "name": book.said(say("Median")),
            "categories": top("name"),
            "values": top("chart_median"),
            "line": {"color": _ORANGE, "width": 1.5, "dash_type": "dash"},
        }
    )
    chart.combine(line)
    title = f"{block.page.name} · {label}"
    if not is_whole:
        ends_only = say("the first and the last {count}", count=half)
        title = f"{label} · {book.said(ends_only)}"
    _dress(chart, title)
    # Charts on two axes at once keep no room for names of their own: the plot ends above them.
    chart.set_plotarea({"layout": {**_PLOT, "height": 0.55}})
    names = {"num_font": {"size": 8, "rotation": -60}, "line": {"color": _LINE}}
    chart.set_x_axis({**names, "label_position": "low"})
    multiples = [row["pe_fy1"] for row in drawn if row["pe_fy1"] is not None]
    middle = sorted(multiples)[len(multiples) // 2]
    log = {"log_base": 10} if max(multiples) > 3 * _SPREAD_FOR_LOG * middle else {}
    chart.set_y_axis({**_axis("", '0"x"'), **log})
    chart.set_legend({"position": "top", "font": {"size": 8}, "layout": _TOP_RIGHT})
    return chart


_TOP_RIGHT = {"x": 0.62, "y": 0.02, "width": 0.36, "height": 0.08}


def sectors_chart(
    book: Book,
    title: str,
    names: str,
    series: Mapping[str, str],
    number: str,
    *,
    count: int,
    from_zero: bool,
) -> Any:
    """Statistics of the sectors side by side; `series` gives the cells of each by its name."""
    chart = book.workbook.add_chart({"type": "column"})
    colours = (NAVY, "#8EA9DB", _ORANGE)
    for at, ((name, cells), colour) in enumerate(zip(series.items(), colours, strict=False)):
        # With many sectors only the first statistic has room for its figures.
        labels = {"value": True, "num_format": number, "font": {"size": 8}}
        chart.add_series(
            {
                "name": name,
                "categories": f"={names}",
                "values": f"={cells}",
                "fill": {"color": colour},
                "data_labels": labels if count <= _FEW_SECTORS or not at else {},
                "gap": 80,
            }
        )
    _dress(chart, title)
    turned = {"rotation": -45} if count > _FEW_SECTORS else {}
    chart.set_x_axis({"num_font": {"size": 9, **turned}, "line": {"color": _LINE}})
    # A column that begins above zero shows another ratio than its figures have.
    chart.set_y_axis({**_axis("", number), **({"min": 0} if from_zero else {})})
    chart.set_legend({"position": "bottom", "font": {"size": 9}})
    chart.set_plotarea({"layout": {**_PLOT, "height": 0.68}})
    return chart


def _dress(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "color": NAVY}, "overlay": False})
    chart.set_size({"width": _WIDTH, "height": _HEIGHT})
    chart.set_plotarea({"layout": _PLOT})
    chart.set_chartarea({"border": {"color": _LINE}})
    chart.show_hidden_data()
    chart.show_na_as_empty_cell()


def _axis(name: str, number: str) -> dict[str, Any]:
    return {
        "name": name,
        "name_font": {"size": 9, "bold": False},
        "num_font": {"size": 8},
        "num_format": number,
        "label_position": "low",
        "major_gridlines": {"visible": True, "line": {"color": _LINE, "width": 0.5}},
        "line": {"color": _LINE},
    }
