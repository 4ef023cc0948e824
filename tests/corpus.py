"""Layouts of valuation tables in the manner of many houses, each with what must be read of it.

Every figure is made up. A case is printed as a grid of texts in one kind of file; `wanted` has for
each symbol the columns of the watchlist with their texts. What is refused with a reason is no
fault; what is read otherwise than wanted, or lost without a word, is one.
"""

# ruff: noqa: E501 - headings are read across, and wide characters count twice
from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from openpyxl import Workbook

from screener.importing.drafts import Found, find_drafts
from screener.model.problems import Problem
from tests import layouts

Verdict = Literal["right", "refused", "wrong"]
Wanted = Mapping[str, Mapping[str, str]]

YEARS = (2024, 2025, 2026)
# Symbol, name, market cap in 亿元, price, EPS and P/E of the years.
NAMES: Sequence[tuple[str, str, str, str, Sequence[str], Sequence[str]]] = (
    ("600941.SH", "中国移动", "23877.77", "111.00", ("6.48", "6.86", "7.25"), ("17.1", "16.2", "15.3")),
    ("300308.SZ", "中际旭创", "1287.20", "114.80", ("4.95", "8.11", "10.02"), ("23.2", "14.2", "11.5")),
    ("688041.SH", "海光信息", "2975.00", "128.00", ("0.81", "1.21", "1.64"), ("158.0", "105.8", "78.0")),
    ("002938.SZ", "鹏鼎控股", "938.79", "40.50", ("1.70", "1.94", "2.21"), ("23.8", "20.9", "18.3")),
)  # fmt: skip
CAPTION = "图表5：重点公司盈利预测与估值"
SOURCE = "资料来源：Wind 一致预期，某某证券研究所（截至2025年1月31日）"
DAY = date(2025, 1, 31)


@dataclass(frozen=True)
class Case:
    """A table as it is printed, and what must be read of it; nothing where it must be refused."""

    name: str
    heads: Sequence[Sequence[str]]
    rows: Sequence[Sequence[str]]
    wanted: Wanted
    facts: Mapping[str, object] = field(default_factory=dict)
    kind: str = "csv"
    above: Sequence[str] = (CAPTION,)
    below: Sequence[str] = (SOURCE,)
    # Columns that must be named as not kept.
    named: Sequence[str] = ()


def printed(case: Case, folder: Path) -> Path:
    """The case as a file of its kind."""
    lines = [*([text] for text in case.above), *case.heads, *case.rows, *([t] for t in case.below)]
    if case.kind in ("csv", "gb18030"):
        path = folder / "table.csv"
        encoding = "utf-8" if case.kind == "csv" else "gb18030"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(lines)
    elif case.kind in ("tab", "markdown"):
        path = folder / "table.md"
        mark = "\t" if case.kind == "tab" else "|"
        ends = "" if case.kind == "tab" else "|"
        wide = {id(line) for line in (*case.heads, *case.rows)}
        texts = [
            f"{ends}{mark.join(line)}{ends}" if id(line) in wide else line[0] for line in lines
        ]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    elif case.kind == "xlsx":
        path = folder / "table.xlsx"
        book = Workbook()
        for line in lines:
            book.worksheets[0].append(list(line))
        book.save(path)
    else:
        path = folder / f"table.{case.kind}"
        writer = {"docx": layouts.as_docx, "html": layouts.as_html}[case.kind]
        heads = [list(head) for head in case.heads]
        writer(heads, [list(row) for row in case.rows], path)
    return path


def judged(case: Case, folder: Path) -> tuple[Verdict, str]:
    """Whether the case is read right, refused with a reason, or read wrong, and what of it."""
    found = find_drafts(printed(case, folder), as_of=DAY)
    said = [each.message for each in _problems(found)]
    unnamed = [text for text in case.named if not any(text in message for message in said)]
    if unnamed and found.drafts:
        return "wrong", f"not a word of {unnamed}"
    if not any(draft.lines for draft in found.drafts):
        verdict: Verdict = "refused" if case.wanted else "right"
        return (verdict, said[0]) if said else ("wrong", "nothing is said")
    lines = {line.cells["symbol"]: line.cells for draft in found.drafts for line in draft.lines}
    faults = [
        f"{symbol} {name}: {text!r}, not {case.wanted.get(symbol, {}).get(name)!r}"
        for symbol, cells in lines.items()
        for name, text in cells.items()
        if name.startswith(("eps_2", "pe_2", "market_cap", "price", "currency", "eps_currency"))
        and text != case.wanted.get(symbol, {}).get(name, "")
    ]
    faults += [
        f"{key} is {draft.facts.get(key)!r}, not {value!r}"
        for draft in found.drafts
        for key, value in case.facts.items()
        if draft.facts.get(key) != value
    ]
    if faults:
        return "wrong", "; ".join(faults[:4])
    missing = [
        f"{symbol} {name}"
        for symbol, cells in case.wanted.items()
        for name, text in cells.items()
        if lines.get(symbol, {}).get(name, "") != text
    ]
    if missing and not said:
        return "wrong", f"lost without a word: {missing[:4]}"
    return ("refused", "; ".join(said[:2])) if missing else ("right", "")


def _problems(found: Found) -> Iterator[Problem]:
    yield from found.problems
    for draft in found.drafts:
        yield from draft.problems


def wanted(
    *,
    years: Sequence[int] = YEARS,
    kinds: Sequence[str] = ("eps", "pe"),
    currency: str = "CNY",
    more: Sequence[str] = (),
) -> Wanted:
    """What must be read of the names: EPS and P/E of the years, and of `more` cap or price."""
    found = {}
    for symbol, _, cap, price, eps, pe in NAMES:
        figures = {"eps": eps, "pe": pe}
        cells = {
            f"{kind}_{year}": figures[kind][YEARS.index(year) if year in YEARS else at]
            for kind in kinds
            for at, year in enumerate(years)
        }
        cells["eps_currency"] = currency
        if "market_cap" in more:
            cells["market_cap"] = cap
        if "price" in more:
            cells |= {"price": price, "currency": "CNY"}
        found[symbol] = cells
    return found


def rows(*, extra: Sequence[Sequence[str]] = (), before: bool = False) -> list[list[str]]:
    """The names with EPS and P/E; `extra` are columns behind them, or before their figures."""
    made = []
    for at, (symbol, name, _, _, eps, pe) in enumerate(NAMES):
        more = [column[at % len(column)] for column in extra]
        figures = [*eps, *pe]
        made.append([symbol, name, *more, *figures] if before else [symbol, name, *figures, *more])
    return made


# --- the classes ---------------------------------------------------------------------------------

EPS_WORDS = (
    "EPS", "EPS(元)", "EPS（元/股）", "每股收益", "每股盈利(元)", "摊薄EPS", "EPS (RMB)", "EPS (Rmb)",
    "一致预期EPS", "Earnings per share (CNY)", "Adj. EPS", "Diluted EPS (RMB)",
)  # fmt: skip
PE_WORDS = (
    "PE",
    "P/E",
    "P/E(x)",
    "市盈率",
    "市盈率(倍)",
    "PER",
    "PE(倍)",
    "P/E ratio",
    "P/E multiple (x)",
)
_FORMS = (
    "{}E", "{}", "{}A", "FY{}E", "FY{yy}E", "{yy}E", "{}年", "{}F", "FY{}", "CY{yy}E", "{yy}A",
    "Dec-{yy}E", "12/{yy}E", "{}年度",
)  # fmt: skip
KINDS = ("csv", "gb18030", "tab", "markdown", "xlsx", "docx", "html")


def _in_a_line(eps: str, pe: str, form: str) -> list[str]:
    heads = ["代码", "名称"]
    for label in (eps, pe):
        heads += [f"{label} {form.format(year, yy=year % 100)}" for year in YEARS]
    return heads


def headings() -> Iterator[Case]:
    """Words for EPS and P/E, forms of years, one line and two, in every kind of file."""
    for number in range(max(len(EPS_WORDS), len(_FORMS), len(PE_WORDS)) * 2):
        eps, pe = EPS_WORDS[number % len(EPS_WORDS)], PE_WORDS[number % len(PE_WORDS)]
        form = _FORMS[number % len(_FORMS)]
        kind = KINDS[number % len(KINDS)]
        years = [form.format(year, yy=year % 100) for year in YEARS]
        heads = [_in_a_line(eps, pe, form)]
        if number % 2:
            heads = [["代码", "名称", eps, "", "", pe, "", ""], ["", "", *years, *years]]
        yield Case(f"{eps} {pe} {form} {kind}", heads, rows(), wanted(), kind=kind)


DISTRACTORS = (
    "EPS Gth (%)", "EPS增幅(%)", "EPS YoY", "EPS增速26E", "EPS CAGR 24-26E", "EPS前值", "旧EPS 2025E",
    "原EPS 2026E", "Dividend per share", "DPS", "每股净资产", "BVPS (RMB)", "Price/Book", "P/B", "PB 2025E",
    "P/S", "PEG", "EV/EBITDA", "目标PE", "目标价", "Target price", "TP (RMB)", "目标市值", "相对PE",
    "行业PE 2025E", "PE(TTM)", "动态市盈率", "静态市盈率", "PE LTM", "Fwd P/E", "PE分位数", "P/E premium",
    "每股盈利(分) 2025E", "EPS (HK cents) 2025E", "EPS per ADS (RMB) 2025E", "EPS 9M2025", "EPS 2024H1",
    "PE 1H25", "EPS 3Q25", "EPS FY1", "流通市值(亿元)", "流通市值", "Free float mkt cap", "YTD price perf.",
    "股价年初至今涨幅(%)", "Price chg 1M", "52周最高价", "Upside (%)", "评级", "净利润2025E", "营收 2025E",
    "股息率", "ROE 2025E", "EPS surprise", "可转债转股价", "EPS 中位数差", "Beta", "EPS xyz 2025E",
)  # fmt: skip


def distractors() -> Iterator[Case]:
    """Columns that look like EPS, P/E, price or market cap, and are none."""
    for number, text in enumerate(DISTRACTORS):
        is_before = number % 2 == 1
        heads = _in_a_line("EPS(元)", "PE", "{}E")
        heads = [*heads[:2], text, *heads[2:]] if is_before else [*heads, text]
        values = [["25.42", "13.37", "7.77", "99.10"]]
        yield Case(
            f"beside {text}",
            [heads],
            rows(extra=values, before=is_before),
            wanted(),
            kind=KINDS[number % 3],
            named=[text],
        )


def split_years() -> Iterator[Case]:
    """Fiscal years that lie in two calendar years are those they end in."""
    for form in ("FY{a}/{b}E", "{long}/{b}E", "FY{long}/{b}"):
        heads = ["代码", "名称"]
        for label in ("EPS", "PE"):
            heads += [
                f"{label} {form.format(a=year % 100 - 1, b=year % 100, long=year - 1)}"
                for year in YEARS
            ]
        yield Case(f"split {form}", [heads], rows(), wanted())


def unit_lines() -> Iterator[Case]:
    """Lower lines of a heading that hold units and the like beside years, or below them."""
    years = [f"{year}E" for year in YEARS]
    group = ["代码", "名称", "EPS", "", "", "P/E", "", ""]
    for eps, pe in (("(元)", "(x)"), ("Rmb", "x"), ("元", "倍"), ("RMB", "(倍)"), ("(元/股)", "x")):
        units = ["", "", *[eps] * 3, *[pe] * 3]
        yield Case(f"units {eps} {pe}", [group, ["", "", *years, *years], units], rows(), wanted())
    for extra in ("同比", "YoY", "TTM", "同比(%)", "CAGR", "24-26E CAGR", "%"):
        head = [
            ["代码", "名称", "EPS(元)", "", "", "", "PE", "", ""],
            ["", "", *years, extra, *years],
        ]
        made = [[symbol, name, *eps, "23.5", *pe] for symbol, name, _, _, eps, pe in NAMES]
        yield Case(f"{extra} beside the years", head, made, wanted())


_CAPS = (
    ("总市值(亿元)", "亿元"), ("总市值（百万元）", "百万元"), ("Mkt cap (RMB mn)", "百万元"), ("市值(十亿港元)", "十亿港元"),
    ("Market cap (US$bn)", "十亿美元"), ("Market cap (HK$ mn)", "百万港元"), ("总市值(元)", "元"), ("总市值(万元)", "万元"),
    ("市值 亿港元", "亿港元"), ("Mkt cap (USD m)", "百万美元"), ("Mkt cap (Rmb bn)", "十亿元"), ("总市值(亿美元)", "亿美元"),
)  # fmt: skip


def caps() -> Iterator[Case]:
    """Market caps in every unit, said by the heading or by a line above."""
    cells = [[cap for _, _, cap, _, _, _ in NAMES]]
    plain = _in_a_line("EPS(元)", "PE", "{}E")
    for text, unit in _CAPS:
        heads = [*plain[:2], text, *plain[2:]]
        made = rows(extra=cells, before=True)
        facts = {"market_cap_unit": unit}
        yield Case(f"cap {text}", [heads], made, wanted(more=["market_cap"]), facts)
    for above, unit in (
        ("单位：百万元", "百万元"),
        ("单位：亿港元", "亿港元"),
        ("(HK$ mn)", "百万港元"),
    ):
        heads = [*plain[:2], "总市值", *plain[2:]]
        made = rows(extra=cells, before=True)
        facts = {"market_cap_unit": unit}
        yield Case(f"above {above}", [heads], made, wanted(more=["market_cap"]), facts,
                   above=(CAPTION, above))  # fmt: skip
    both = [*plain[:2], "总市值(亿元)", "流通市值(亿元)", *plain[2:]]
    made = rows(extra=[cells[0], ["1.0", "2.0"]], before=True)
    yield Case("free float beside total", [both], made, wanted(more=["market_cap"]),
               named=["流通市值(亿元)"])  # fmt: skip


def prices() -> Iterator[Case]:
    """Prices under every heading, with a day or two currencies in it; of two none is taken."""
    cells = [[price for _, _, _, price, _, _ in NAMES]]
    plain = _in_a_line("EPS", "PE", "{}E")
    for text in ("收盘价", "股价(元)", "最新价", "Price (RMB)", "Close (31-Jan-25)", "收盘价(2025-01-31)",
                 "最新价(元/港元)", "Last price", "收盘价 1月31日", "现价"):  # fmt: skip
        heads = [*plain[:2], text, *plain[2:]]
        yield Case(f"price {text}", [heads], rows(extra=cells, before=True), wanted(more=["price"]))
    heads = [*plain[:2], "收盘价", "最新价", *plain[2:]]
    made = rows(extra=[cells[0], ["1.0", "2.0", "3.0"]], before=True)
    yield Case("two prices", [heads], made, wanted(), named=["收盘价", "最新价"])


def currencies() -> Iterator[Case]:
    """EPS in Hong Kong dollars and US dollars, by heading."""
    for text, currency in (("EPS (HK$)", "HKD"), ("每股盈利(港元)", "HKD"), ("EPS (US$)", "USD"),
                           ("EPS (美元)", "USD"), ("EPS(港币)", "HKD")):  # fmt: skip
        heads = _in_a_line(text, "PE", "{}E")
        yield Case(text, [heads], rows(), wanted(currency=currency))


_CODES = (
    "{digits}.{ex}", "{digits}", "{ex}{digits}", "{lower}{digits}", "{digits} CH", "{digits} CH Equity",
    "{digits}-CN", "{long}:{digits}", "{digits}.{mic}", "{ex}.{digits}", "{digits} {connect}",
    "{digits}.{reuters}",
)  # fmt: skip


def codes() -> Iterator[Case]:
    """Codes in every spelling, alone or with the name in one cell."""
    for number, form in enumerate(_CODES):
        made = rows()
        for row in made:
            digits, _, exchange = row[0].partition(".")
            is_shanghai = exchange == "SH"
            row[0] = form.format(
                digits=digits,
                ex=exchange,
                lower=exchange.lower(),
                long="SHSE" if is_shanghai else "SZSE",
                mic="XSHG" if is_shanghai else "XSHE",
                connect="C1" if is_shanghai else "C2",
                reuters="SS" if is_shanghai else "SZ",
            )
        heads = _in_a_line("EPS", "PE", "{}E")
        yield Case(f"code {form}", [heads], made, wanted(), kind=KINDS[number % len(KINDS)])
        together = [[f"{row[1]}({row[0]})", *row[2:]] for row in made]
        yield Case(f"name and code {form}", [["公司", *heads[2:]]], together, wanted())


def strangers() -> Iterator[Case]:
    """Rows of abroad, funds and indices between the names: named, and no share of here."""
    figures = ["1.00", "1.10", "1.20", "10.0", "9.1", "8.3"]
    heads = _in_a_line("EPS", "PE", "{}E")
    for code in ("000660 KS", "005930.KS", "2330 TT", "7203 JP", "AAPL US", "KRX:000660", "000300.SH",
                 "510300.SH", "159915.SZ", "000660 KS Equity", "NVDA.O", "899050.BJ"):  # fmt: skip
        made = [*rows(), [code, "某某", *figures]]
        yield Case(f"stranger {code}", [heads], made, wanted(), named=[code])
    for line in ("海外", "美股", "海外可比公司", "Overseas peers", "韩国"):
        for code in ("2330", "000660"):
            made = [*rows(), [line], [code, "某某", *figures]]
            yield Case(f"{code} under {line}", [heads], made, wanted(), named=[code])
    # 2594 among shares of the mainland: BYD's, or one of Hong Kong.
    made = [*rows(), ["2594", "某某", *figures]]
    yield Case("2594 in a mixed table", [heads], made, wanted(), named=["2594"],
               above=("图表5：A股与港股重点公司估值",))  # fmt: skip
    made = [*rows(), ["600941.SH", "中国移动", *figures]]
    once = {symbol: cells for symbol, cells in wanted().items() if symbol != "600941.SH"}
    yield Case("a code twice", [heads], made, once, named=["600941.SH"])


def blanks() -> Iterator[Case]:
    """What stands where no figure is printed."""
    heads = _in_a_line("EPS", "PE", "{}E")
    for text in (
        "",
        "-",
        "——",
        "n.a.",
        "N/A",
        "#N/A",
        "不适用",
        "neg.",
        "NM",
        ">100",
        "亏损",
        "n.m.",
        "/",
        "…",
    ):
        made = rows()
        made[1][5] = text
        read = {symbol: dict(cells) for symbol, cells in wanted().items()}
        read["300308.SZ"]["pe_2024"] = ""
        yield Case(f"blank {text}", [heads], made, read)


def feet() -> Iterator[Case]:
    """Rows that go on below a source line or a long foot."""
    heads = _in_a_line("EPS", "PE", "{}E")
    first, last = rows()[:2], rows()[2:]
    pad = [""] * 7
    yield Case("below a source", [heads], [*first, [SOURCE, *pad], *last], wanted())
    long_foot = [[f"注{number}：按照一致预期", *pad] for number in range(12)]
    yield Case("below a long foot", [heads], [*first, *long_foot, *last], wanted())
    mean = ["", "平均", "3.2", "4.1", "5.0", "40.1", "33.2", "20.0"]
    yield Case("a mean between", [heads], [*first, mean, *last], wanted())


def days() -> Iterator[Case]:
    """Only caption, heading and source give the day; one of another year is asked back."""
    heads = _in_a_line("EPS", "PE", "{}E")
    told = "公司于2023年3月15日公告，拟以自有资金回购部分股份，用于员工持股计划或者股权激励。"
    plain = "资料来源：Wind 一致预期"
    yield Case("a day in prose", [heads], rows(), wanted(), {"as_of": DAY}, above=(told, CAPTION),
               below=(plain,))  # fmt: skip
    yield Case("a day below", [heads], rows(), wanted(), {"as_of": DAY}, below=(plain, told))
    caption = f"{CAPTION}（2025年1月24日）"
    yield Case("a day in the caption", [heads], rows(), wanted(), {"as_of": date(2025, 1, 24)},
               above=(caption,), below=(plain,))  # fmt: skip


def _hong_kong() -> list[list[str]]:
    return [["0700.HK", "腾讯控股", "23.10", "25.30", "28.80", "17.3", "15.8", "13.9"],
            ["0941.HK", "中国移动", "6.88", "7.22", "7.61", "11.4", "10.9", "10.3"]]  # fmt: skip


def tables() -> Iterator[Case]:
    """A table of something else below, or the same one in other units: no row of the first."""
    heads = _in_a_line("EPS(元)", "PE", "{}E")
    blank = [""] * 8
    years = [f"{year}E" for year in YEARS]
    others: Sequence[Sequence[Sequence[str]]] = (
        [["代码", "名称", *(f"DPS {y}" for y in years), *(f"股息率 {y}" for y in years)]],
        [["代码", "名称", *(f"PB {y}" for y in years), *(f"ROE {y}" for y in years)]],
        [["代码", "名称", "EPS FY0", "EPS FY1", "EPS FY2", "PE FY0", "PE FY1", "PE FY2"]],
        [["代码", "名称", "PB", "", "", "ROE", "", ""], ["", "", *years, *years]],
        [["代码", "名称", "EPS 2025E", "PE 2025E", "评级"]],
    )
    for second in others:
        made = [*rows(), blank, ["港股股息与分红预测"], *second, *_hong_kong()]
        yield Case(f"above {second[0][2:]}", [heads], made, wanted())
    dollars = _in_a_line("EPS(港元)", "PE", "{}E")
    made = [*rows(), blank, ["港股公司"], dollars, *_hong_kong()]
    read = {symbol: dict(cells) for symbol, cells in wanted().items()}
    for symbol, _, *figures in _hong_kong():
        names = [f"{kind}_{year}" for kind in ("eps", "pe") for year in YEARS]
        read[symbol] = {**dict(zip(names, figures, strict=True)), "eps_currency": "HKD"}
    yield Case("the same columns in Hong Kong dollars", [heads], made, read)
    made = [*rows(), ["港股（EPS单位：港仙）"], *_hong_kong()]
    yield Case("a section in cents", [heads], made, wanted(), named=["0700.HK"])
    both = [*heads[:5], "", *heads[:2], *heads[5:]]
    made = [
        [*row[:5], "", *other[:2], *other[5:]]
        for row, other in zip(rows(), _hong_kong(), strict=False)
    ]
    yield Case("two companies in a line", [both], made, {})


def groups() -> Iterator[Case]:
    """Lines above a heading that make something else of what it says, and groups of unlike years."""
    heads = _in_a_line("EPS", "PE", "{}E")
    for text in (
        "同比增长",
        "目标价对应估值",
        "Growth (YoY)",
        "Previous",
        "At target price",
        "悲观情景",
    ):
        yield Case(f"{text} over EPS", [["", "", text, "", "", "", "", ""], heads], rows(), {})
    years = [f"{year}E" for year in YEARS]
    head = [["代码", "名称", "EPS", "", "PE", "", ""], ["", "", *years[1:], *years]]
    made = [[row[0], row[1], *row[3:]] for row in rows()]
    read = {
        symbol: {name: text for name, text in cells.items() if name != "eps_2024"}
        for symbol, cells in wanted().items()
    }
    for kind in ("csv", "xlsx", "html"):
        yield Case(f"EPS of two years, PE of three, {kind}", head, made, read, kind=kind)
    head = [["代码", "名称", "目标价", "", "EPS", "", "", "PE", ""], ["", "", "", *years, *years]]
    made = [[row[0], row[1], "60.0", *row[2:]] for row in rows()]
    yield Case("labels over the middle year", head, made, wanted())


def widths() -> Iterator[Case]:
    """Rows wider than their heading: a figure that is not printed must not move the others up."""
    heads = _in_a_line("EPS", "PE", "{}E")
    for kind in ("csv", "xlsx"):
        made = rows(extra=[["31.2"]])
        made[1][5] = ""
        yield Case(f"a last column without heading, {kind}", [[*heads, ""]], made, {}, kind=kind)
        made = rows(extra=[["31.2"]], before=True)
        made[1][7] = ""
        wide = [*heads[:2], "", *heads[2:]]
        yield Case(f"a first figure without heading, {kind}", [wide], made, {}, kind=kind)


def signs() -> Iterator[Case]:
    """Signs in headings and figures that say what a word would."""
    for text in ("EPS {} (+/-)", "EPS {} ±", "△EPS {}", "EPS {} ↑", "EPS-一致预期 {}", "EPS {} (‰)",
                 "EPS (亿元) {}", "EPS (¢) {}", "EPS ($) {}"):  # fmt: skip
        heads = [
            "代码",
            "名称",
            *(text.format(f"{y}E") for y in YEARS),
            *(f"PE {y}E" for y in YEARS),
        ]
        yield Case(text, [heads], rows(), wanted(kinds=["pe"]), named=[heads[2]])
    heads = _in_a_line("EPS", "PE", "{}E")
    made = rows()
    made[1][2] = "4,95"
    read = {symbol: cells for symbol, cells in wanted().items() if symbol != "300308.SZ"}
    yield Case("a decimal comma", [heads], made, read, named=["300308.SZ"])
    made = [[row[0], row[1], *(f"¥{each}" for each in row[2:5]), *row[5:]] for row in rows()]
    yield Case("a sign of money", [heads], made, wanted())


def around() -> Iterator[Case]:
    """What lines beside a table say of its figures: cents, currencies, days."""
    heads = _in_a_line("EPS", "PE", "{}E")
    for text in ("(EPS in HK cents)", "每股盈利单位：港仙"):
        yield Case(text, [heads], rows(), {}, above=(CAPTION, text))
    yield Case(
        "EPS单位：美元", [heads], rows(), wanted(currency="USD"), above=(CAPTION, "EPS单位：美元")
    )
    source = "资料来源：公司公告（2024-10-30），Wind（截至2025-01-24）"
    facts = {"as_of": date(2025, 1, 24)}
    yield Case("two days", [heads], rows(), wanted(), facts, below=(source,))
    cells = [["100", "200"]]
    plain = [*heads[:2], "总市值", *heads[2:]]
    told = "公司公告拟回购股份（金额不超过5000万元）。"
    read = {symbol: {**cells_, "market_cap": ("100", "200")[at % 2]}
            for at, (symbol, cells_) in enumerate(wanted().items())}  # fmt: skip
    yield Case("a sum in prose", [plain], rows(extra=cells, before=True), read,
               {"market_cap_unit": "亿元"}, above=(CAPTION, told))  # fmt: skip
    for text, place in (("国家", "韩国"), ("上市地", "台湾"), ("交易所", "KRX")):
        head = [*heads, text]
        made = [*rows(extra=[["中国"]]), ["000660", "某某", *rows()[0][2:], place]]
        yield Case(f"{text} {place}", [head], made, wanted(), named=["000660"])


CLASSES = {
    made.__name__: made
    for made in (
        headings, distractors, split_years, unit_lines, caps, prices, currencies, codes, strangers,
        blanks, feet, days, tables, groups, widths, signs, around,
    )
}  # fmt: skip
