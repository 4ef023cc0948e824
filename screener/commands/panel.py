"""`screener panel`: closes and vintages of estimates to a panel of every listing and day."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Literal

import click

from screener.commands import completion
from screener.commands.common import FINE, LANG, Conditions

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Size(click.ParamType[int]):
    """A number of bytes: 800MiB, 1GiB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(
            r"(\d{1,12}(?:\.\d{1,6})?)([KMGT]?)(IB|B)?", str(value).upper(), re.ASCII
        )
        size = int(float(found[1]) * _UNITS[found[2]]) if found else 0
        if size <= 0:
            self.fail(f"{value!r} is no size: write 800MiB or 1GiB.", param, ctx)
        return size


@click.command()
@click.argument("prices")
@click.argument("estimates")
@click.option("--listings", metavar="PARQUET", help="Sector and fiscal year end of each symbol.")
@click.option("--splits", metavar="PARQUET", help="symbol, ex_day, factor.")
@click.option("--rates", metavar="PARQUET", help="day, base, quote, rate.")
@click.option(
    "--by",
    default="pe_fy1",
    show_default=True,
    metavar="METRIC",
    shell_complete=completion.metrics,
    help="Rank by this.",
)
@click.option(
    "--where",
    multiple=True,
    type=Conditions(),
    metavar="CONDITION",
    help="Only rows that meet this, as 'pe_fy1 < 30'; repeatable; not on Spark.",
)
@click.option(
    "--engine",
    type=click.Choice(["polars", "spark"]),
    default="polars",
    show_default=True,
    help="polars: this machine. spark: the session that spark-submit has set up.",
)
@click.option(
    "--memory",
    type=Size(),
    default="1GiB",
    show_default=True,
    help="How much polars may take; more makes it faster.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Write only the months from that day's on anew.",
)
@click.option("-o", "--output", required=True, metavar="DIR", help="Where the panel goes.")
@LANG
def panel(
    prices: str,
    estimates: str,
    listings: str | None,
    splits: str | None,
    rates: str | None,
    by: str,
    where: tuple[str, ...],
    engine: Literal["polars", "spark"],
    memory: int,
    since: datetime | None,
    output: str,
    lang: str,  # noqa: ARG001 - what is said on the way is said by the group
) -> int:
    """Every metric of each listing and day, from PRICES and ESTIMATES by vintage, as Parquet.

    PRICES has symbol, day, close, currency; ESTIMATES symbol, published, fiscal_year, eps,
    currency. On each day only what was published by then is known.
    """
    from screener.panels.panel import panel as made_of

    written = made_of(
        prices,
        estimates,
        listings=listings,
        splits=splits,
        rates=rates,
        engine=engine,
        output=output,
        by=by,
        where=where,
        memory=memory,
        since=since and since.date(),
    )
    click.echo(str(written))
    return FINE
