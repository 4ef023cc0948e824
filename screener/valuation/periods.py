"""What follows from the day of the valuation: fiscal years, weights, and EPS of each period.

The columns that begin with `stated_` hold what a source says, per share of its own day; here they
become figures per share of the day of the valuation. In a workbook `{at}` is the row of a listing
on Inputs, `{cells[eps]}` the row's EPS by year, side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from screener.valuation.term import Term, column, largest, number, parameter, smallest

# EPS as its source states it, before splits: what the workbook has, and divides itself.
STATED = "stated_"
# The ends of EPS's rounding are columns of frames; a workbook computes them where they are used.
ENDS = ("eps", "eps_low", "eps_high")
_PRICE_DAY = Term(nw.col("price_day"), "Price_Day")
_DAYS_PER_YEAR, _MONTHS_PER_YEAR = parameter("Days_Per_Year", 365), parameter("Months_Per_Year", 12)
_MONTH, _DAY = (
    Term(nw.col(name), f"INDEX({{inputs[{name}]}},{{at}})")
    for name in ("year_end_month", "year_end_day")
)
_FY1, _WEIGHT = column("fy1"), column("cy_weight")
Terms = Mapping[str, Term]
# The fiscal years by their names in columns.
Years = Mapping[int, nw.Expr | int]


def per_share_of_the_day(
    stated: IntoFrameT, years: Sequence[int], base: nw.Expr | None = None
) -> IntoFrameT:
    """The frame with every figure that follows from what is stated, for these fiscal years.

    With `base` the years of each row are counted from that one: in a frame of many days the year
    `1` is the first after it. Takes and gives any frame narwhals knows, eager or lazy.
    """
    frame: Any = nw.from_native(stated)
    for level in derived(years, base):
        frame = frame.with_columns(**{name: term.frame for name, term in level.items()})
    return frame.to_native()  # type: ignore[no-any-return]


def derived(years: Sequence[int], base: nw.Expr | None = None) -> tuple[Terms, Terms, Terms]:
    """The columns that follow, by name; each level needs those before it."""
    known = {year: year if base is None else base + year for year in years}
    return (
        {
            "fy1": _fy1(),
            "cy_weight": _calendar_weight(),
            "eps_rounding": _divided("rounding", "eps_rounding", "split_factor"),
            "report_price": _report_price(),
            "market_cap_printed": _market_cap(),
            **dict(_by_year(years)),
        },
        {
            "fy1_end": _end_of(_FY1),
            "cagr_years": _years_to_the_last(known),
            "eps_report_fy1": _of_year(_FY1, "eps_report", known),
            **{f"{end}_fy1": _of_year(_FY1, end, known) for end in ENDS},
            **{f"{end}_fy2": _of_year(_FY1 + 1, end, known) for end in ENDS},
            **{
                f"{end}_cy_{year}": _calendar_year(end, year, years)
                for end in ENDS
                for year in years
            },
        },
        {
            "ntm_weight": largest(number(0), smallest(_days_left() / _DAYS_PER_YEAR, number(1))),
            **{f"{end}_last": _of_last_year(end, known) for end in ENDS},
        },
    )


def _by_year(years: Sequence[int]) -> Iterator[tuple[str, Term]]:
    for year in years:
        for end in ENDS:
            yield f"{end}_{year}", _divided(f"{end}_{year}", f"eps_{year}", "split_factor")
        report = f"eps_report_{year}"
        yield report, _divided(report, report, "split_since_report")


def _divided(stated: str, typed: str, split: str) -> Term:
    """A figure per share of the day: what is split into two shares earns half per share."""
    given, share = _typed(typed), f"{{{split}}}"
    return Term(
        nw.col(STATED + stated) / nw.col(split),
        f'IF(ISNUMBER({given})*ISNUMBER({share}),{given}/{share},"n/a")',
    )


def _report_price() -> Term:
    """What the table implies, in the currency of the price."""
    stated, currency = nw.col("stated_report_price"), nw.col("report_price_currency")
    typed, of_typed = _typed("report_price"), _typed("report_price_currency")
    is_own = currency == nw.col("traded_currency")
    is_of_eps = currency == nw.col("eps_currency")
    return Term(
        nw.when(is_own).then(stated).when(is_of_eps).then(stated / nw.col("fx")),
        f"IF(N({typed})>0,IF({of_typed}={_typed('price_currency')},{typed},"
        f'IF(({of_typed}={{eps_currency}})*ISNUMBER({{fx}}),{typed}/N({{fx}}),"n/a")),"n/a")',
    )


def _market_cap() -> Term:
    """The printed market cap in 100 million CNY."""
    typed, of_typed = _typed("market_cap_printed"), _typed("market_cap_currency")
    rate = f'SUMIF(FX_Pair,{of_typed}&"/CNY",FX_Rate)'
    return Term(
        nw.col("stated_market_cap") * nw.col("cap_fx"),
        f'IF(N({typed})>0,IF({of_typed}="CNY",{typed},IF({rate}>0,{typed}*{rate},"n/a")),"n/a")',
    )


def _typed(name: str) -> str:
    """The cell of Inputs that a row's figure is typed in."""
    return f"INDEX({{inputs[{name}]}},{{at}})"


def _fy1() -> Term:
    """The year in progress; by the other rule the first whose results are not out."""
    calendar, typed = _year_in_progress(), _typed("actual_year")
    # An engine is given the year in progress twice, not once a branch: that takes its time.
    behind = (nw.col("actual_year").cast(nw.Int64) + 1 - calendar.frame).clip(-1, 0)
    of_reported = nw.when(nw.col("fy1_rule") == "reported").then(behind)
    return Term(
        calendar.frame + of_reported.fill_null(0),
        f'IF((FY1_Rule="reported")*(N({typed})>0),'
        f"MIN({calendar.cell},MAX(N({typed})+1,{calendar.cell}-1)),{calendar.cell})",
    )


def _year_in_progress() -> Term:
    """The fiscal year that the day lies in, named after the year it ends in."""
    year = Term(_PRICE_DAY.frame.dt.year().cast(nw.Int64), f"YEAR({_PRICE_DAY.cell})")
    # A year end on the 31st of a shorter month is that month's last day: no day of the month is
    # after either, so that month and day alone tell.
    today = _PRICE_DAY.frame.dt.month().cast(nw.Int64) * 100 + _PRICE_DAY.frame.dt.day()
    is_over = today > _MONTH.frame * 100 + _DAY.frame
    is_over_cell = f"{_PRICE_DAY.cell}>{_end_of_cell(year)}"
    return Term(year.frame + is_over.cast(nw.Int64), f"{year.cell}+IF({is_over_cell},1,0)")


def _end_of(year: Term) -> Term:
    """The last day of a fiscal year; a month that is shorter ends on its own last day."""
    is_leap = ((year.frame % 4 == 0) & (year.frame % 100 != 0)) | (year.frame % 400 == 0)
    february = nw.when(is_leap).then(nw.lit(29)).otherwise(nw.lit(28))
    day = nw.min_horizontal(_DAY.frame, _days_of_month(february))
    parts = (each.cast(nw.Int64).cast(nw.String) for each in (year.frame, _MONTH.frame, day))
    text = nw.concat_str(*(part.str.zfill(2) for part in parts), separator="-")
    return Term(text.str.to_date("%Y-%m-%d"), _end_of_cell(year))


def _end_of_cell(year: Term) -> str:
    return f"MIN(DATE({year.cell},{_MONTH.cell},{_DAY.cell}),DATE({year.cell},{_MONTH.cell}+1,0))"


def _days_of_month(february: nw.Expr) -> nw.Expr:
    """The days of the month that a year ends in."""
    month = _MONTH.frame
    others = nw.when(month.is_in([4, 6, 9, 11])).then(nw.lit(30)).otherwise(nw.lit(31))
    return nw.when(month == 2).then(february).otherwise(others)


def _days_left() -> Term:
    """The days from the day of the valuation to the end of FY1."""
    days = _day_number(nw.col("fy1_end")) - _day_number(_PRICE_DAY.frame)
    return Term(days.cast(nw.Float64), f"({{fy1_end}}-{_PRICE_DAY.cell})")


def _day_number(day: nw.Expr) -> nw.Expr:
    """The days from the first of year 1: not every engine can take one day from another."""
    before = day.dt.year().cast(nw.Int64) - 1
    leap_days = before // 4 - before // 100 + before // 400
    return before * 365 + leap_days + day.dt.ordinal_day().cast(nw.Int64)


def _calendar_weight() -> Term:
    """The share of calendar year N that lies in fiscal year N; a part of a month counts in part."""
    # A year of 365 days stands for all: the same weight every year.
    days = Term(_days_of_month(nw.lit(28)), f"DAY(DATE(1,{_MONTH.cell}+1,0))")
    return (_MONTH - 1 + smallest(number(1), _DAY / days)) / _MONTHS_PER_YEAR


def _calendar_year(end: str, year: int, years: Sequence[int]) -> Term:
    """So much of one fiscal year, the rest of the next; of a year end in December all."""
    own, following = column(f"{end}_{year}"), column(f"{end}_{year + 1}")
    if year + 1 not in years:
        nothing = nw.lit(None).cast(nw.Float64)
        frame = nw.when(_WEIGHT.frame >= 1).then(own.frame).otherwise(nothing)
        return Term(frame, f'IF({_WEIGHT.cell}<1,"n/a",{own.cell})')
    both = _WEIGHT * own + (1 - _WEIGHT) * following
    return Term(
        nw.when(_WEIGHT.frame >= 1).then(own.frame).otherwise(both.frame),
        f"IF({_WEIGHT.cell}<1,IF(ISNUMBER({own.cell})*ISNUMBER({following.cell}),"
        f'{both.cell},"n/a"),{own.cell})',
    )


def _of_year(year: Term, family: str, years: Years) -> Term:
    """The figure of that fiscal year, found among those by year."""
    cells = "{cells[eps_report]}" if family == "eps_report" else "{cells[eps]}"
    place = f"MATCH({year.cell},Fiscal_Years,0)"
    of_each = [
        nw.when(year.frame == value).then(nw.col(f"{family}_{each}"))
        for each, value in years.items()
    ]
    return Term(
        nw.coalesce(*of_each, nw.lit(None).cast(nw.Float64)),
        f'IF(ISNUMBER({place}),INDEX({cells},{place}),"n/a")',
    )


def _years_to_the_last(years: Years) -> Term:
    """How many years lie between FY1 and the last year with EPS; none where FY1 is the last."""
    last = "SUMPRODUCT(MAX(ISNUMBER({cells[eps]})*Fiscal_Years))"
    of_each = [
        nw.when(~nw.col(f"eps_{year}").is_null()).then(value) for year, value in years.items()
    ]
    latest = nw.max_horizontal(*of_each, nw.lit(0)).cast(nw.Int64)
    return Term(
        nw.when(latest > _FY1.frame).then(latest - _FY1.frame),
        f'IF({last}>{_FY1.cell},{last}-{_FY1.cell},"n/a")',
    )


def _of_last_year(family: str, years: Years) -> Term:
    last = _of_year(_FY1 + column("cagr_years"), family, years)
    cell = "INDEX({cells[eps]},MATCH({fy1}+{cagr_years},Fiscal_Years,0))"
    return Term(last.frame, f'IF(ISNUMBER({{cagr_years}}),{cell},"n/a")')
