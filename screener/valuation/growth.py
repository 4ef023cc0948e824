"""Growth and revision of EPS, and the multiple per growth."""

from __future__ import annotations

from screener.model.messages import say
from screener.valuation.eps import (
    FY1,
    FY1_HIGH,
    FY1_LOW,
    LAST,
    LAST_HIGH,
    LAST_LOW,
    NO_BASE,
    NO_GROWTH,
    PERCENT,
    PRICE,
    eps_terms,
)
from screener.valuation.metric import Metric
from screener.valuation.multiples import is_sensible
from screener.valuation.term import (
    Term,
    column,
    either,
    is_number,
    is_positive,
    largest,
    number,
    smallest,
    when,
)


def _growth(eps: Term, base: Term) -> Term:
    """Growth from the base; from a loss there is none."""
    return when(is_positive(base), eps / base - 1)


def _lowest_growth(low: Term, base_low: Term, base_high: Term) -> Term:
    """Growth of the lowest EPS: least from the highest base, of a loss from the lowest."""
    # From a base that may be next to none a loss can be any: no end.
    loss = when(is_positive(base_low), low / base_low - 1)
    return when(is_positive(base_high), either(low >= 0, low / base_high - 1, loss))


def _highest_growth(high: Term, base_low: Term, base_high: Term) -> Term:
    """Growth of the highest EPS: most from the lowest base, of a loss from the highest."""
    profit = when(is_positive(base_low), high / base_low - 1)
    return when(is_positive(base_high), either(high >= 0, profit, high / base_high - 1))


def eps_growth(year: int) -> Metric:
    """Growth of EPS from the year before."""
    (eps, low, high), (base, base_low, base_high) = eps_terms(str(year)), eps_terms(str(year - 1))
    return Metric(
        name=f"eps_growth_{year}",
        title=say("EPS growth {title}", title=f"FY{year}"),
        family="eps_growth",
        year=year,
        format="percent",
        meaning=say(
            "Change of consensus EPS from FY{base} to FY{year}; only from a profit",
            base=year - 1,
            year=year,
        ),
        formula=say(
            "EPS(FY{year}) ÷ EPS(FY{base}) − 1, where EPS(FY{base}) > 0",
            year=year,
            base=year - 1,
        ),
        value=_growth(eps, base),
        needs=(f"eps_{year}", f"eps_{year - 1}"),
        not_meaningful=NO_BASE,
        low=_lowest_growth(low, base_low, base_high),
        high=_highest_growth(high, base_low, base_high),
        best="high",
    )


def eps_revision(period: str, title: str, year: int | None = None) -> Metric:
    """How far EPS of a period has come since the table."""
    before = f"eps_report_{period}"
    return Metric(
        name=f"eps_revision_{period}",
        title=say("EPS revision {title}", title=title),
        family="eps_revision" if year else "",
        year=year,
        format="change",
        meaning=say(
            "Change of consensus EPS of {title} since the table, split-adjusted", title=title
        ),
        formula=say("EPS({title}) ÷ the table's EPS({title}) − 1, where that is > 0", title=title),
        value=_growth(eps_terms(period)[0], column(before)),
        needs=(f"eps_{period}", before),
        not_meaningful=say("the table's EPS is zero or negative"),
        best="high",
    )


def _yearly(first: Term, last: Term) -> Term:
    """Yearly growth from the first to the last."""
    return (last / first) ** (1 / column("cagr_years")) - 1


def _compound(first: Term, last: Term) -> Term:
    """Yearly growth from the first to the last; a loss at either end has none."""
    return when(is_positive(smallest(first, last)), _yearly(first, last))


def _least_compound() -> Term:
    """The least growth that rounding allows, if any: to a last EPS of next to none it is −100 %."""
    possible = is_positive(smallest(FY1_HIGH, LAST_HIGH))
    return when(possible, _yearly(FY1_HIGH, largest(LAST_LOW, number(0))))


EPS_CAGR = Metric(
    name="eps_cagr",
    title=say("EPS CAGR"),
    format="percent",
    meaning=say("Yearly growth of consensus EPS from FY1 to its last year; both must be profits"),
    formula=say("(EPS(last) ÷ EPS(FY1)) ^ (1 ÷ years) − 1, both > 0"),
    value=_compound(FY1, LAST),
    needs=("eps_fy1", "eps_last"),
    not_meaningful=say("EPS starts or ends at a loss"),
    low=_least_compound(),
    high=_compound(FY1_LOW, LAST_HIGH),
    best="high",
)

# Growth of NTM would be PEG's other convention; tables print years, so FY1's it is.
_CAGR, _PE = column("eps_cagr"), column("pe_fy1")


def _peg(first: Term, last: Term) -> Term:
    """PEG at ends of EPS FY1 and of the last EPS."""
    return PRICE / first / (PERCENT * _yearly(first, last))


def _lowest_peg() -> Term:
    """The lowest PEG at the corners of rounding; of a FY1 that may be a loss, at its profit."""
    dearest = _peg(FY1_HIGH, LAST_HIGH)
    lowest = either(is_positive(FY1_LOW), smallest(dearest, _peg(FY1_LOW, LAST_HIGH)), dearest)
    grows = is_positive(_yearly(FY1_HIGH, LAST_HIGH))
    return when(is_positive(smallest(FY1_HIGH, LAST_HIGH)), when(grows, lowest))


def _highest_peg() -> Term:
    """The highest PEG at the corners of rounding; none where EPS may not grow, or be a loss."""
    highest = largest(_peg(FY1_LOW, LAST_LOW), _peg(FY1_HIGH, LAST_LOW))
    grows = is_positive(_yearly(FY1_HIGH, LAST_LOW))
    is_profit = is_positive(smallest(FY1_LOW, LAST_LOW))
    return when(is_profit, when(grows & is_sensible(FY1_LOW), highest))


PEG = Metric(
    name="peg",
    title=say("PEG"),
    format="ratio",
    meaning=say("P/E FY1 over the yearly growth of EPS in percent; NM where EPS does not grow"),
    formula=say("pe_fy1 ÷ (100 × eps_cagr), where eps_cagr > 0"),
    value=when(is_number(_PE) & is_number(_CAGR) & is_positive(_CAGR), _PE / (PERCENT * _CAGR)),
    needs=("price_in_eps_currency", "eps_fy1", "eps_last"),
    not_meaningful=NO_GROWTH,
    low=_lowest_peg(),
    high=_highest_peg(),
    best="low",
)
