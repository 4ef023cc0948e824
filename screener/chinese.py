"""What the program says, in Chinese: by the English template, with the same fields."""

from __future__ import annotations

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    # Marks between messages, and single words.
    "; ": "；",
    " or ": "或",
    " + ": " + ",
    "none": "无",
    "empty": "空",
    "default": "默认",
    "error": "错误",
    "warning": "警告",
    "note": "说明",
    "high": "高",
    "medium": "中",
    "low": "低",
    "highest": "最高",
    "lowest": "最低",
    "{named} and {more} more": "{named} 等，另有 {more} 个",
    "{low} to {high}": "{low} 至 {high}",
    "FY{year} {range}": "FY{year} {range}",
    # Headings of tables.
    "Symbol": "代码",
    "Name": "名称",
    "Price": "价格",
    "Ccy": "币种",
    "Market time": "成交时间",
    "Source": "来源",
    "Fetched (UTC)": "取得时间 (UTC)",
    "Watchlist": "自选表",
    "Watchlists": "自选表",
    "Rows": "行数",
    "As of": "截至",
    "Consensus": "一致预期",
    "Severity": "级别",
    "Finding ({count})": "发现 ({count})",
    "Table": "表",
    "Years": "财年",
    "Sure": "把握",
    "Caption": "标题",
    "Market cap, 亿": "市值(亿)",
    "EPS {year}": "EPS {year}",
    "P/E {year}": "市盈率 {year}",
    "Column": "列",
    "Type": "类型",
    "Unit": "单位",
    "Meaning": "含义",
    "Meaning and formula": "含义与算法",
    "What": "项目",
    "Seen": "所见",
    "Preset": "预设",
    "For, conditions and metric": "用途、条件与指标",
    "Option": "选项",
    "Value": "值",
    "Set by": "来自",
    "Metric": "指标",
    "Own": "本股",
    "n": "n",
    "Low": "最低",
    "Median": "中位数",
    "High": "最高",
    "Premium": "溢价",
    "At": "取",
    "Multiple": "倍数",
    "Upside": "空间",
    "Run": "运行",
    "At (UTC)": "时间 (UTC)",
    "Price day": "估值日",
    "Prices": "价格",
    "By": "依据",
    "Names": "只数",
    "Last": "最近",
    "Percentile": "分位",
    "Days": "天数",
    "Over the years": "走势",
    "Range": "区间",
    "below│above": "折价│溢价",
    "Day": "日期",
    "From": "从",
    "To": "到",
    "EPS, and its change": "EPS 及其变化",
    # What tables say beside their figures.
    "{count} names · by {metric} · price day {day}": "{count} 只 · 按 {metric} · 估值日 {day}",
    "Price {count} names: {parts}": "价格 {count} 只: {parts}",
    "Consensus: {parts}": "一致预期: {parts}",
    "Sectors · {metric}": "行业统计 · {metric}",
    "  + {count} more in the workbook": "  + {count} 只未列出，见工作簿",
    "NM: a loss or no growth, not ranked · n/a: missing · Range: if EPS were rounded": (
        "NM: 亏损或不增长，不参与排名 · n/a: 缺数据 · 区间: EPS舍入所容许的名次"
    ),
    "the report's price": "报告价",
    "a stored price": "存储价",
    "a price of a file": "文件价",
    "a delayed price": "延迟价",
    "a price of more than ten days ago": "价格超过十日",
    "Prices implied by the peers' multiples": "按同业倍数的隐含价",
    "Peers ({count}): {names}": "同业 ({count}): {names}",
    "No premium to these peers on an earlier day is kept yet": "尚无此前对这些同业的溢价",
    "Premium to these peers on earlier days, low/median/high {first} – {last} (n = {count}):"
    " {figures}": ("此前对这些同业的溢价 低/中/高 {first} – {last} (n = {count}): {figures}"),
    "{past} · now at percentile {place:.0%}": "{past} · 现处分位 {place:.0%}",
    "low first": "低者在前",
    "high first": "高者在前",
    "not for ranking": "不用于排名",
    "ok": "正常",
    "no": "异常",
    "table {number}": "图表 {number}",
    "nothing is stored": "无存储价格",
    "in doubt": "存疑",
    "used": "使用中",
    "nothing new": "无更新",
    "{count} analysts": "{count} 位分析师",
    "{figures}  in doubt, not used": "{figures}  存疑，未使用",
    "{count} problems: see": "{count} 个问题，见",
    "guessed in {name}: {guesses}": "{name} 中的推断：{guesses}",
    # What commands say when they are done.
    "{symbol}: {what}; used from now on": "{symbol}：{what}；此后使用",
    "EPS {years} {currency}": "EPS {years} {currency}",
    "{figures} per {shares} shares": "{figures}，每 {shares} 股",
    "{symbol}: {figures} of {source}, {day}, in place of {figures_before} of {source_before},"
    " {day_before}; used from now on": (
        "{symbol}：改用 {source} {day} 的 {figures}，代替 {source_before} {day_before} 的"
        " {figures_before}；此后使用"
    ),
    "kept    {path} (was there already)": "保留    {path} (原已存在)",
    "written {path}": "已写入  {path}",
    "no corrections proposed: nothing is certain": "未提出更正：没有可以确定的",
    "{count} corrections proposed in {path}: accept one by deleting its '# '": (
        "已在 {path} 提出 {count} 项更正：删去行首的 '# ' 即为接受"
    ),
    "run {before} of {day_before} → run {after} of {day}": (
        "运行 {before} ({day_before}) → 运行 {after} ({day})"
    ),
    "{time} · {errors} errors · Ctrl-C": "{time} · {errors} 个错误 · Ctrl-C",
    "nothing written: {path}: {why}": "未写入：{path}：{why}",
    "no file: {looked}": "无设置文件：{looked}",
    "settings are in {path}": "设置文件：{path}",
    "{tables} watchlists, {rows} rows, {errors} errors": (
        "{tables} 张自选表，{rows} 行，{errors} 个错误"
    ),
    "in {folder}": "位于 {folder}",
    # Requests that cannot be met.
    "no {what} {name!r}; there are {known}.{guess}": "没有{what} {name!r}；有：{known}。{guess}",
    " Did you mean {nearest!r}?": "是否指 {nearest!r}？",
    "metric": "指标",
    "watchlist": "自选表",
    "preset": "预设",
    "format": "格式",
    "price source": "价格来源",
    "key in [presets.{name}]": "键（[presets.{name}]）",
    "command in {where}": "命令（{where}）",
    "option in {where}": "选项（{where}）",
    "{where}: {name} is a command: write [{name}] and options below": (
        "{where}：{name} 是命令：请写 [{name}]，选项写在其下"
    ),
    "{where} is {found}: write true or false": "{where} 为 {found}：请写 true 或 false",
    "{where} is {found}: write a text or a number": "{where} 为 {found}：请写文本或数字",
    "no name is left after --only and --exclude": "经 --only 与 --exclude 后一只不剩",
    "--watch prints tables: not with --json or -o -": (
        "--watch 输出表格：不能与 --json 或 -o - 同用"
    ),
    "no format is named: write {formats}": "未指定格式：可用 {formats}",
    "-o {path} is one file, of format {format}: for others name a folder": (
        "-o {path} 是一个 {format} 文件：其他格式请给出文件夹"
    ),
    "no symbols were given: separate them by commas or blanks": "未给出代码：以逗号或空格分隔",
    "the bundled watchlists are not changed: `screener init` copies them": (
        "内置自选表不作更改：`screener init` 可复制一份"
    ),
    "--fix is for watchlists: `screener import` the document first": (
        "--fix 只用于自选表：请先用 `screener import` 导入文档"
    ),
    "two runs are compared, not more": "只比较两次运行",
    "--repeat takes the watchlists of the run: name none": (
        "--repeat 沿用该次运行的自选表：不要再指定"
    ),
    "there is no run {number}: `screener runs` lists them": (
        "没有运行 {number}：`screener runs` 列出全部"
    ),
    "-o - prints one of {formats}: name it with --format": (
        "-o - 只输出 {formats} 之一：请用 --format 指定"
    ),
    "--repeat gives the run as it was: {name} cannot go with it": (
        "--repeat 原样重现该次运行：不能与 {name} 同用"
    ),
    "{piece!r} is no part of a composite: write '0.5 pe_fy1 + 0.3 peg + 0.2 eps_cagr'": (
        "{piece!r} 不是综合得分的一部分：请写 '0.5 pe_fy1 + 0.3 peg + 0.2 eps_cagr'"
    ),
    "{name} stands in the composite twice": "{name} 在综合得分中出现两次",
    "the weight of {name} must be above zero": "{name} 的权重必须大于零",
    "no watchlist that was taken has {symbol!r}.{guess}": "所取自选表中没有 {symbol!r}。{guess}",
    "{symbol} has no peers here: name some with --peers": (
        "{symbol} 在此没有同业：请用 --peers 指定"
    ),
    "{origin}: [presets.{name}] must hold where, by and about, all texts": (
        "{origin}：[presets.{name}] 须有 where、by 和 about，均为文本"
    ),
    "{path}: presets must be tables, as [presets.mine]": ("{path}：预设须为表，如 [presets.mine]"),
    "{path} cannot be opened: {why}": "{path} 无法打开：{why}",
    "{path} is no TOML: {error}": "{path} 不是 TOML：{error}",
    "there is no workbook {path}": "没有工作簿 {path}",
    "there is no price file {prices}": "没有价格文件 {prices}",
    "no consensus {text!r}: report, latest, or a day as 2026-03-31": (
        "没有预测 {text!r}：可用 report、latest 或日期如 2026-03-31"
    ),
    "compare a column, as pe_fy1 < 30": "请比较某一列，如 pe_fy1 < 30",
    "{condition!r} is no condition: {why}": "{condition!r} 不是条件：{why}",
    "what is {sign!r}?": "{sign!r} 是什么？",
    "write IS NULL or IS NOT NULL": "请写 IS NULL 或 IS NOT NULL",
    "what is between {before} and {piece}?": "{before} 与 {piece} 之间是什么？",
    "there are no functions, such as {before}(…)": "不支持函数，如 {before}(…)",
    "{condition!r} compares what is true or false with a figure: write 10 < pe_fy1 and"
    " pe_fy1 < 20": ("{condition!r} 把真假与数值相比：请写 10 < pe_fy1 and pe_fy1 < 20"),
    "the condition is longer than {most} characters": "条件超过 {most} 个字符",
    "; is {nearest} meant?": "；是否指 {nearest}？",
    "no column {word!r}{guess} (`screener metrics` names the figures)": (
        "没有列 {word!r}{guess}（`screener metrics` 列出全部指标）"
    ),
    "as of {as_of}: the day must lie between 1990 and 2099": (
        "估值日 {as_of}：须在 1990 至 2099 年之间"
    ),
    "NM above {nm_above:g}: the P/E must be above zero": "市盈率上限 {nm_above:g}：须大于零",
    "there is no valuation table {number}; there are {numbers}": (
        "没有估值表 {number}；有：{numbers}"
    ),
    "run {number} was kept by version {version} in a form this one cannot read": (
        "运行 {number} 由版本 {version} 保存，本版本无法读取"
    ),
    "no runs are kept: `screener run` keeps each": "没有保存的运行：`screener run` 每次都会保存",
    "there is no run of the same watchlists before run {number}": (
        "运行 {number} 之前没有相同自选表的运行"
    ),
    "no watchlists in {folder}: `screener init` writes the bundled ones": (
        "{folder} 中没有自选表：`screener init` 可写入内置的"
    ),
    "no watchlist has the symbol {symbol!r}.{guess}": "没有自选表含代码 {symbol!r}。{guess}",
    "no watchlist has {target!r}: give a symbol, or one of {sectors}": (
        "没有自选表含 {target!r}：请给出代码，或 {sectors} 之一"
    ),
    "no estimates of {symbol} newer than those used are in doubt": (
        "{symbol} 没有比现用更新且存疑的预测"
    ),
    "{source} names no currency for {symbol}: give it, as --currency {eps_currency}": (
        "{source} 未注明 {symbol} 的币种：请给出，如 --currency {eps_currency}"
    ),
    "EPS of {symbol} may be per receipt of {shares} shares: say --per-receipt {shares}, or"
    " --per-receipt 1 where it is per share": (
        "{symbol} 的 EPS 可能按每份存托凭证 ({shares} 股)：请用 --per-receipt {shares}，"
        "若为每股则用 --per-receipt 1"
    ),
    "{text!r} is no currency: write three letters, as CNY": (
        "{text!r} 不是币种：请写三个字母，如 CNY"
    ),
    "EPS {error}": "EPS {error}",
    "EPS {eps} is beyond reason: it is per share, in {currency}": (
        "EPS {eps} 不合情理：应为每股，以 {currency} 计"
    ),
    "no fiscal year {fiscal_year}: write the year it ends in, as 2026": (
        "没有财年 {fiscal_year}：请写截止的年份，如 2026"
    ),
    "splits of {symbol} since {as_of} are not known, so {eps} cannot stand beside the other years:"
    " try again with a connection": (
        "{symbol} 自 {as_of} 以来的送转不明，{eps} 无法与其他年份并列：请联网后重试"
    ),
    # Watchlists and other CSV files.
    "{text!r} is no code: write digits, a dot and the exchange, such as 600941.SH": (
        "{text!r} 不是代码：请写数字、点和交易所，如 600941.SH"
    ),
    "{text!r} is on no exchange known here ({known})": "{text!r} 的交易所未知（已知：{known}）",
    "{text!r} has {count} digits: {suffix} codes have {lengths}": (
        "{text!r} 有 {count} 位数字：{suffix} 代码为 {lengths} 位"
    ),
    "{text!r} is no code of an exchange known here": "{text!r} 不是已知交易所的代码",
    "{text!r} is in no exchange's range: write it as {digits}.SH": (
        "{text!r} 不在任何交易所的号段内：请写成 {digits}.SH"
    ),
    "{text!r} names no exchange: write it as {digits}.HK, if it is that": (
        "{text!r} 未注明交易所：若为港股请写成 {digits}.HK"
    ),
    "exchange of {code} by its range": "{code} 的交易所按号段推断",
    "exchange of {code}: Hong Kong, as the table says": "{code} 的交易所：香港，据表中说明",
    "{symbol} was retired on {day}; its new code is not known here: put it in the watchlist, or a"
    " correction": "{symbol} 已于 {day} 停用；新代码未知：请写入自选表或更正",
    "{symbol} is retired, and its new code is not known here": "{symbol} 已停用，新代码未知",
    "no trading calendar of {name} reaches {day}": "{name} 交易日历未覆盖 {day}",
    "cannot be opened: {why}": "无法打开：{why}",
    "is not UTF-8 text; in Excel save it as 'CSV UTF-8 (comma delimited)'": (
        "不是 UTF-8 文本；请在 Excel 中另存为“CSV UTF-8（逗号分隔）”"
    ),
    "has {cells} cells, the header has {columns}: a comma too many?": (
        "有 {cells} 个单元格，表头有 {columns} 个：多了逗号？"
    ),
    "is empty; it needs {required}": "为空；需要 {required}",
    "is no CSV ({error}): look at its quotes": "不是 CSV ({error})：请检查引号",
    "holds the invisible character {hidden!r}: delete it": "含不可见字符 {hidden!r}：请删除",
    "separates its columns by semicolons or tabs; they must be commas": (
        "以分号或制表符分列；须用逗号"
    ),
    "the header lacks {missing}; it has {columns}": "表头缺 {missing}；现有 {columns}",
    "the header names {repeated} twice": "表头中 {repeated} 重复",
    "{text!r} is no number: write 12.34 or -0.5": "{text!r} 不是数字：请写 12.34 或 -0.5",
    "{text!r} is no day: write 2025-10-09": "{text!r} 不是日期：请写 2025-10-09",
    "the name is empty": "名称为空",
    "{column} {text} must be above zero": "{column} {text} 须大于零",
    "{column} {error}, or leave it empty": "{column} {error}，或留空",
    "{column} is {found}: write three capitals, such as CNY": (
        "{column} 为 {found}：请写三个大写字母，如 CNY"
    ),
    "{column} is empty": "{column} 为空",
    "{symbol} stands at {first} already": "{symbol} 已在 {first}",
    "fiscal_year_end {text!r} is no day: write MM-DD, such as 03-31": (
        "fiscal_year_end {text!r} 不是日期：请写 MM-DD，如 03-31"
    ),
    "column {column!r} is not used.{guess}": "列 {column!r} 未使用。{guess}",
    "it must hold at least as_of = 2025-01-31, the day the figures stand for": (
        "至少须有 as_of = 2025-01-31，即数据截至日"
    ),
    "is missing: {needed}": "不存在：{needed}",
    "is no TOML: {error}": "不是 TOML：{error}",
    "lacks as_of: {needed}": "缺 as_of：{needed}",
    "as_of is {as_of}: {needed}": "as_of 为 {as_of}：{needed}",
    "{key} is {found}: write {form}": "{key} 为 {found}：请写{form}",
    "{key} holds an invisible character": "{key} 含不可见字符",
    "market_cap_unit is {unit!r}: write one of {units}": (
        "market_cap_unit 为 {unit!r}：请写 {units} 之一"
    ),
    "a day without quotes, such as 2025-01-31": "不加引号的日期，如 2025-01-31",
    "a day without quotes, such as 2025-02-03": "不加引号的日期，如 2025-02-03",
    "the table's number": "表的编号",
    "text in quotes": "带引号的文本",
    'a list such as ["EPS in CNY"]': '列表，如 ["EPS in CNY"]',
    "there is no watchlist {watchlist!r}: {known}": "没有自选表 {watchlist!r}：{known}",
    "{watchlist} has no row {symbol}": "{watchlist} 没有行 {symbol}",
    "{watchlist} has no column {field}": "{watchlist} 没有列 {field}",
    "corrects {field} {printed!r}, but {watchlist} has {found!r}": (
        "更正的是 {field} {printed!r}，而 {watchlist} 为 {found!r}"
    ),
    # Documents that are imported.
    "is empty": "为空",
    "has {size} MB; up to {most} are read": "大小 {size} MB；最多读取 {most} MB",
    "has {pages} pages; up to {most} are read": "共 {pages} 页；最多读取 {most} 页",
    "has more than {most:,} lines or {characters:,} characters": (
        "超过 {most:,} 行或 {characters:,} 个字符"
    ),
    "{fault}: cut it down to its tables": "{fault}：请只保留其中的表",
    "is of an old Office: save it as .xlsx or .docx": "为旧版 Office 格式：请另存为 .xlsx 或 .docx",
    "is no text, no .xlsx, .docx, .html and no PDF": "不是文本、.xlsx、.docx、.html 或 PDF",
    "is a broken archive ({error})": "压缩包已损坏 ({error})",
    "is an archive, and no .xlsx or .docx": "是压缩包，而非 .xlsx 或 .docx",
    "unpacks to {unpacked} MB: that is no report": "解压后为 {unpacked} MB：不会是报告",
    "is neither UTF-8 nor GB18030 text": "既非 UTF-8 也非 GB18030 文本",
    "is no CSV at line {line} ({error})": "第 {line} 行不是 CSV ({error})",
    "is no HTML that can be read ({error})": "不是可读取的 HTML ({error})",
    "is a scan: its pages have no text; have it recognised (OCR) first": (
        "为扫描件：页面没有文本；请先作文字识别 (OCR)"
    ),
    "takes more memory than a report should": "所占内存超过报告应有的限度",
    "cannot be read ({kind}: {words})": "无法读取 ({kind}: {words})",
    "cannot be read: the reader broke down over it": "无法读取：读取程序中断",
    "was not read within {timeout:g} seconds": "未能在 {timeout:g} 秒内读完",
    "looks like a valuation table and could not be read: {text}": "似为估值表而无法读取：{text}",
    "holds no table with EPS or P/E over two fiscal years or more": (
        "没有含两个以上财年 EPS 或市盈率的表"
    ),
    "fiscal years end on 12-31 where no other day is known": "财年截止日未知者按 12-31",
    "published {day}: the first day the document names": "发布日 {day}：文档中最早出现的日期",
    "as of {day}: {why}": "截至 {day}：{why}",
    "as was said": "按指定",
    "the day of the document": "文档日期",
    "market cap in {unit}: the heading names no unit": "市值单位 {unit}：表头未注明",
    "EPS in {currency}: the heading names no currency": "EPS 币种 {currency}：表头未注明",
    "names no day its figures are of: say --as-of DATE": (
        "未注明数据截至日：请用 --as-of DATE 指定"
    ),
    "has no row that can be read": "没有可读取的行",
    "{path} is there already and is kept: --force overwrites it, -o writes elsewhere": (
        "{path} 已存在，予以保留：--force 覆盖，-o 写到别处"
    ),
    "column {text!r} is not kept": "列 {text!r} 未保留",
    "the name {name!r} begins like a formula": "名称 {name!r} 的开头形同公式",
    "currency {printed!r} is none known here: CNY, HKD or USD": (
        "币种 {printed!r} 未知：应为 CNY、HKD 或 USD"
    ),
    "its cells do not fit the {columns} columns": "单元格与 {columns} 列不符",
    "stands under another heading ({heading})": "位于另一表头之下 ({heading})",
    "has no code": "没有代码",
    "has no name": "没有名称",
    "{heading} {cell!r} is no number": "{heading} {cell!r} 不是数字",
    # Workbooks that are read back.
    "is no workbook that can be read ({error})": "不是可读取的工作簿 ({error})",
    "has no table {table}: it was not written by screener, or its Inputs are gone": (
        "没有表 {table}：不是 screener 所写，或输入表已不在"
    ),
    "the symbols are gone": "代码列已不在",
    "the day of the valuation is {found}: write a date": "估值日为 {found}：请写日期",
    "{value!r} is no date: write 2026-03-31": "{value!r} 不是日期：请写 2026-03-31",
    "{found} is no pair: write HKD/CNY": "{found} 不是货币对：请写 HKD/CNY",
    "{text!r} is no currency: write three capitals": "{text!r} 不是币种：请写三个大写字母",
    "{eps:g} is beyond reason: EPS is per share": "{eps:g} 不合情理：EPS 为每股",
    "holds a formula that was never computed: save it in a spreadsheet program": (
        "公式从未计算：请在表格软件中保存一次"
    ),
    "{value!r} is no number: write 12.34": "{value!r} 不是数字：请写 12.34",
    "{value:g} must be above zero, or empty": "{value:g} 须大于零，或留空",
    "{symbol} stands at {earlier} already: that row is used, not this one": (
        "{symbol} 已在 {earlier}：用该行，不用此行"
    ),
    "{name} has no row of it: {source} of {as_of} is used": (
        "{name} 中没有该股：使用 {source} {as_of}"
    ),
    "EPS FY{year} {before} → {after}": "EPS FY{year} {before} → {after}",
    "EPS currency {before} → {after}": "EPS 币种 {before} → {after}",
    "consensus day {before} → {after}": "预测日 {before} → {after}",
    "{change}: far from it, look again": "{change}：相差甚远，请再核对",
    "over {source} of {as_of}": "基于 {source} {as_of}",
    # Prices.
    "price {error}": "价格 {error}",
    "{text!r} must be above zero": "{text!r} 须大于零",
    "time {text!r}: write 2025-01-27 or 2025-01-27 14:30": (
        "时间 {text!r}：请写 2025-01-27 或 2025-01-27 14:30"
    ),
    "currency {currency!r}: write three capitals, such as CNY": (
        "币种 {currency!r}：请写三个大写字母，如 CNY"
    ),
    "the currency of {pair} is {quote}, not {currency}": "{pair} 的币种是 {quote}，不是 {currency}",
    "{symbol} trades in {traded}, not {currency}": "{symbol} 以 {traded} 交易，不是 {currency}",
    "{key} stands at {seen} already: neither is used": "{key} 已在 {seen}：两者均不使用",
    "{path} has no usable price for it": "{path} 没有可用的价格",
    "live prices were not asked for": "未请求实时价格",
    "live prices were not asked for, and none is stored": "未请求实时价格，也没有存储价",
    "{why}; the price stored on {time} UTC is used": "{why}；使用 {time} UTC 存储的价格",
    "{why}; the report's price of {day} is used": "{why}；使用报告价 ({day})",
    "no connection to any price source": "无法连接任何价格来源",
    "no source answered for it": "没有数据源作答",
    "the source did not answer for it": "数据源未作答",
    "no answer for it": "没有回答",
    "no answer within {timeout:g} seconds": "{timeout:g} 秒内没有回答",
    "its library ended unexpectedly": "其程序库意外终止",
    "its library fails ({error})": "其程序库出错 ({error})",
    "its host's name cannot be looked up": "域名无法解析",
    "it cannot be reached, or breaks off": "无法连接或连接中断",
    "the proxy does not reach it": "代理无法到达",
    "it breaks off": "连接中断",
    "its certificate is not trusted": "证书不受信任",
    "it answers, but not with data": "有回答，但不是数据",
    "it does not answer in time": "未及时回答",
    "it answers with something else": "回答的是别的内容",
    "its answer is not of the usual form": "回答的格式异常",
    "HTTP {status}": "HTTP {status}",
    "{fault} (it refuses, and is not asked again)": "{fault}（对方拒绝，不再请求）",
    "names could not be compared: {fault}": "名称无法核对：{fault}",
    "the sources differ, the more recent price is used: {each}": (
        "数据源不一，使用较新的价格：{each}"
    ),
    "{source} {price:g} of {time}": "{source} {price:g} ({time})",
    "the watchlist says {printed}, {source} says {name}": (
        "自选表为 {printed}，{source} 为 {name}"
    ),
    "{source} says {price:g}, which is no price": "{source} 报 {price:g}，不是价格",
    "{source} says {currency}, but {symbol} trades in {traded}": (
        "{source} 报 {currency}，而 {symbol} 以 {traded} 交易"
    ),
    "{source} dates its price {time}, in the future": "{source} 的价格时间为 {time}，在未来",
    "{source}'s last price is of {traded}, too many sessions ago": (
        "{source} 的最新价为 {traded}，相隔交易日过多"
    ),
    "the answer's {key} is {found}, which is no number": "回答中的 {key} 为 {found}，不是数字",
    "the answer's {key} is {found}": "回答中的 {key} 为 {found}",
    "the answer's regularMarketTime is {seconds:g}, no time": (
        "回答中的 regularMarketTime 为 {seconds:g}，不是时间"
    ),
    "the answer has no quoteResponse.result": "回答中没有 quoteResponse.result",
    "the answer has no chart.result": "回答中没有 chart.result",
    "the chart has no meta": "图表数据没有 meta",
    "Yahoo answers twice, and differently": "Yahoo 作答两次且不同",
    "Eastmoney answers twice, and differently": "Eastmoney 作答两次且不同",
    "Yahoo answers with {symbol}": "Yahoo 答以 {symbol}",
    "{source} answers with {code}": "{source} 答以 {code}",
    "{source} dates its last bar {found}": "{source} 最后一根 K 线的日期为 {found}",
    "its table has other figures under 代码 or 名称: the order has changed": (
        "表中“代码”或“名称”列内容不符：列序已变"
    ),
    "Eastmoney has no bars for it": "Eastmoney 没有其 K 线",
    "its last bar closes outside its own range: the order has changed": (
        "最后一根 K 线收盘价在其高低之外：列序已变"
    ),
    "its bars close outside their own range: the order has changed": (
        "K 线收盘价在其高低之外：列序已变"
    ),
    "the price of {source} is of {as_of}, in the future": "{source} 的价格为 {as_of}，在未来",
    "the price of {source} is of {as_of}, after {day}": "{source} 的价格为 {as_of}，晚于 {day}",
    "the price of {priced} is {age} days old on {day}": "{priced} 的价格至 {day} 已 {age} 日",
    "price in {traded}, EPS in {currency}: no rate {pair} by {day}": (
        "价格为 {traded}，EPS 为 {currency}：至 {day} 没有汇率 {pair}"
    ),
    "price in {traded}, EPS in {currency}: no rate is stored, `screener run` gets it": (
        "价格为 {traded}，EPS 为 {currency}：没有存储的汇率，`screener run` 会取得"
    ),
    "market cap in {currency}: no rate to CNY by {day}": (
        "市值为 {currency}：至 {day} 没有折算人民币的汇率"
    ),
    "the rate is {age} days old on {day}": "汇率至 {day} 已 {age} 日",
    "{rate:g} and, the other way, {opposite:g} contradict each other": (
        "{rate:g} 与反向的 {opposite:g} 相互矛盾"
    ),
    "FY{year}: EPS {eps} × P/E {pe} implies a price of {range}, the rest of the row {rest}": (
        "FY{year}：EPS {eps} × 市盈率 {pe} 隐含价格 {range}，该行其余为 {rest}"
    ),
    "EPS and P/E have opposite signs": "EPS 与市盈率符号相反",
    "the printed years agree on no price: {each}": "各年不能得出同一价格：{each}",
    "the table prints neither a price nor a P/E that implies one": (
        "表中既无价格，也无可推出价格的市盈率"
    ),
    "its tables imply prices that exclude each other: {prices}": (
        "各表隐含的价格互不相容：{prices}"
    ),
    "{error}; the price is dated with the printed day": "{error}；价格按表中日期计",
    "{why}: no market cap, no price change": "{why}：没有市值，没有涨跌",
    "the last close is of {day}, {age} days ago": "最近的收盘价为 {day}，已 {age} 日",
    "{days} days with a P/E: too few for a band": "有市盈率的只有 {days} 日：不足以成区间",
    # The consensus.
    "the watchlist has no EPS for it: screener consensus update": (
        "自选表没有其 EPS：请用 screener consensus update"
    ),
    "consensus ends FY{year}, price day is {day}: screener consensus update": (
        "一致预期止于 FY{year}，估值日为 {day}：请用 screener consensus update"
    ),
    "no EPS for FY{year}, the year in progress on {day}": (
        "没有 FY{year} 的 EPS，即 {day} 所在财年"
    ),
    "no EPS for FY{year}: no next twelve months, no growth from here": (
        "没有 FY{year} 的 EPS：没有未来十二个月，没有增速"
    ),
    "the consensus is of {as_of}, after {day}: nobody knew it on that day": (
        "一致预期为 {as_of}，晚于 {day}：当日无人知晓"
    ),
    "the consensus of {as_of} is {days} days old on {day}: every figure on EPS may be out of"
    " date": ("{as_of} 的一致预期至 {day} 已 {days} 日：凡用 EPS 的数字都可能过时"),
    "no consensus by {known}: that of {as_of} is used": "至 {known} 没有预测：使用 {as_of} 的",
    "the consensus of {source} is in {currency}, the table's in {eps_currency}: no revision, no"
    " rerating": ("{source} 的预测为 {currency}，表中为 {eps_currency}：没有修正，没有估值变动"),
    "the consensus of {source}, {as_of}, is not used: {doubt}. If it is right: screener consensus"
    " accept {symbol}": (
        "{source} {as_of} 的预测未使用：{doubt}。若无误：screener consensus accept {symbol}"
    ),
    "the new estimates of {source} are kept, and not used: {doubt}. If they are right: screener"
    " consensus accept {symbol}": (
        "{source} 的新预测已保存而未使用：{doubt}。若无误：screener consensus accept {symbol}"
    ),
    "it names no currency: accept it with --currency {currency}": (
        "未注明币种：请以 --currency {currency} 接受"
    ),
    "it may be per receipt of {receipt} shares, and there is nothing to tell it by": (
        "可能按每份存托凭证 ({receipt} 股)，无从判断"
    ),
    "it may be per receipt of {receipt} shares, and losses do not tell": (
        "可能按每份存托凭证 ({receipt} 股)，亏损无从判断"
    ),
    "it is in {currency}, before it was {before}": "币种为 {currency}，此前为 {before}",
    "{doubt}, and may be per receipt of {receipt}": "{doubt}，且可能按每份存托凭证 ({receipt} 股)",
    "it is {times:.2g} times the one before: per share, or per receipt of {receipt} shares?": (
        "是此前的 {times:.2g} 倍：每股，还是每份存托凭证 ({receipt} 股)？"
    ),
    "changes its sign": "变号",
    "jumps by more than ×{most:g}": "变动超过 ×{most:g}",
    "EPS FY{year} {eps:.4g} {what} from {before:.4g} of FY{year_before}": (
        "EPS FY{year} {eps:.4g} 较 FY{year_before} 的 {before:.4g} {what}"
    ),
    "stated per receipt of {receipt} shares, and divided by them": (
        "原按每份存托凭证 ({receipt} 股)，已折算为每股"
    ),
    "stated in cents": "原以分计",
    "{years} actual": "{years} 为实际值",
    "{year} set over {source} of {as_of}": "{year} 手工设定，基于 {source} {as_of}",
    "{note}; {year} set": "{note}；{year} 手工设定",
    "{year} {currency}, the only year: those of {source} are in {before}": (
        "{year} {currency}，仅此一年：{source} 的为 {before}"
    ),
    "no new estimates: {why}": "没有新预测：{why}",
    "no source was asked": "未请求任何数据源",
    "they take the place of yours: {note}": "取代你的设定：{note}",
    "no connection: no estimates are fetched": "没有网络：未取预测",
    "no connection: splits are not looked up": "没有网络：未查送转",
    "no connection: no history is fetched": "没有网络：未取历史价格",
    "splits": "送转",
    "history": "历史价格",
    "estimates": "预测",
    "Yahoo has no estimates of it": "Yahoo 没有其预测",
    "Yahoo's years are in different currencies: {currencies}": (
        "Yahoo 各年的币种不同：{currencies}"
    ),
    "Yahoo's fiscal year ends {end}, the watchlist's on {month:02}-{day:02}": (
        "Yahoo 的财年截止于 {end}，自选表为 {month:02}-{day:02}"
    ),
    "Yahoo ends a fiscal year on {found}": "Yahoo 的财年截止于 {found}",
    "Yahoo's chart is in {currency}, {symbol} trades in {traded}": (
        "Yahoo 的图表为 {currency}，{symbol} 以 {traded} 交易"
    ),
    "Yahoo has a split of {new:g}:{old:g}": "Yahoo 有拆股 {new:g}:{old:g}",
    "Eastmoney has no estimates of it": "Eastmoney 没有其预测",
    "Eastmoney's years are {years}": "Eastmoney 的年份为 {years}",
    "Eastmoney announces {count} rows, and sends {rows}": (
        "Eastmoney 称有 {count} 行，实为 {rows} 行"
    ),
    "Eastmoney has a bonus issue of {new:g} for 10": "Eastmoney 有每 10 股送转 {new:g}",
    "Eastmoney dates an issue {found}": "Eastmoney 的送转日期为 {found}",
    "{source} has a close of {close} on {day}": "{source} {day} 的收盘价为 {close}",
    "the answer is no table": "回答不是表",
    "the answer has no result: {said}": "回答没有结果：{said}",
    "its rows lack {missing}": "其行缺 {missing}",
    "etnet has no estimates of it": "经济通没有其预测",
    "etnet's table lacks {missing}": "经济通的表缺 {missing}",
    "etnet has FY{year} twice": "经济通的 FY{year} 重复",
    # Splits.
    "splits and bonus issues after {after} are not looked up: after one, P/E is wrong": (
        "{after} 之后的拆股送转未查：若有，则市盈率有误"
    ),
    "splits from {after} to {until}: {differing}; {used}'s are used": (
        "{after} 至 {until} 的送转：{differing}；使用 {used}"
    ),
    "EPS is divided by {factor:g}: {splits}": "EPS 已除以 {factor:g}：{splits}",
    "possible unrecorded split: shares are {growth:.3g} times those that the table implies, the"
    " splits on record make {recorded:g}; if one of ×{ratio:g} is missing, P/E is wrong by that": (
        "疑有送转未记录：股本为表中隐含的 {growth:.3g} 倍，已记录的送转为 {recorded:g}；"
        "若漏记 ×{ratio:g}，市盈率即差此倍数"
    ),
    # Ranks and filters.
    "{name} is NM: {why} ({eps})": "{name} 为 NM：{why} ({eps})",
    "{name} needs {missing}": "{name} 需要 {missing}",
    "{why}, or the P/E is above {most:g}": "{why}，或市盈率高于 {most:g}",
    "the figure is out of range": "数值超出范围",
    "EPS is zero or negative": "EPS 为零或负",
    "EPS of the year before is zero or negative": "上一年 EPS 为零或负",
    "EPS does not grow, or starts or ends at a loss": "EPS 不增长，或起止为亏损",
    "EPS starts or ends at a loss": "EPS 起止为亏损",
    "the table's EPS is zero or negative": "表中 EPS 为零或负",
    "a part of it is": "其中一部分为 NM",
    "stands in several watchlists: across sectors it is ranked once, by its first row": (
        "在多张自选表中：跨行业只按第一行排名一次"
    ),
    "{left} of {all} names meet {conditions}; ranks and medians are of those": (
        "{all} 只中有 {left} 只符合 {conditions}；名次与中位数均按这些计"
    ),
    "{where}: it has no {missing}, and is left out": "{where}：缺 {missing}，予以排除",
    "{where}: it divides by zero, and is left out": "{where}：除数为零，予以排除",
    "{where}: it cannot be told, and is left out": "{where}：无从判断，予以排除",
    "polars cannot read it ({words})": "polars 无法读取 ({words})",
    "its parts do not go together ({words})": "各部分不能相配 ({words})",
    "ranked by {before}, then by {after}: ranks mean different things": (
        "先按 {before}，后按 {after} 排名：名次含义不同"
    ),
    "filtered by {before}, then by {after}": "先按 {before}，后按 {after} 筛选",
    "no condition": "无条件",
    "the P/E above which is NM was {before}, and is {after}": (
        "NM 的市盈率上限先为 {before}，后为 {after}"
    ),
    "names whose FY1 is another year: {count}; By EPS holds that step": (
        "FY1 已为另一财年的只数：{count}；EPS贡献含此变化"
    ),
    "names whose splits between the two are not known: {count}; nothing by price or EPS": (
        "两次之间送转不明的只数：{count}；不列价格与EPS贡献"
    ),
    # The store, and files.
    "store": "存储",
    "the store {why}": "存储{why}",
    "cannot be used ({why}): nothing is kept": "无法使用 ({why})：什么也未保存",
    "cannot be written ({error}): nothing is kept": "无法写入 ({error})：什么也未保存",
    "was broken ({error}): it is kept as {name}, and a new one begun": (
        "已损坏 ({error})：保留为 {name}，另建新存储"
    ),
    "cannot be written ({error}): nothing of this run is kept": (
        "无法写入 ({error})：本次运行未保存"
    ),
    "cannot be read ({error})": "无法读取 ({error})",
    "holds what it cannot have been given ({error})": "含有不可能写入的内容 ({error})",
    "{quotes} quotes, {rates} rates in {path}": "{quotes} 个报价，{rates} 个汇率，位于 {path}",
    "{source}, {seconds:.1f} s": "{source}，{seconds:.1f} 秒",
    "proxy": "代理",
    "none set": "未设置",
    "{path} is not there": "{path} 不存在",
    "is open in another program": "已在其他程序中打开",
    "is not as screener wrote it": "不是 screener 所写的原样",
    "{path} {why}, and is kept": "{path} {why}，予以保留",
    # The audit of printed figures.
    "FY{year}: EPS {eps} × P/E {pe} is a price of {range}": (
        "FY{year}：EPS {eps} × 市盈率 {pe} 为价格 {range}"
    ),
    "{known}, the rest of the row {rest}": "{known}，该行其余为 {rest}",
    "{known}; P/E should lie in {pe} or EPS in {eps}": "{known}；市盈率应在 {pe}，或 EPS 在 {eps}",
    "EPS × P/E gives no common price: {each}": "EPS × 市盈率得不出同一价格：{each}",
    "{odd}; likeliest {causes}": "{odd}；最可能是{causes}",
    "EPS leaps ({eps}); likeliest {cause}": "EPS 跳变 ({eps})；最可能是{cause}",
    "the sign of {title}": "{title} 的正负号",
    "the decimal point of {title}, {right} for {printed}": (
        "{title} 的小数点，应为 {right} 而非 {printed}"
    ),
    "two digits of {title}, {right} for {printed}": (
        "{title} 的两位数字颠倒，应为 {right} 而非 {printed}"
    ),
    "EPS and P/E of FY{year} stand in each other's place": "FY{year} 的 EPS 与市盈率互换",
    "{title} of FY{one} and FY{other} stand in each other's place": (
        "FY{one} 与 FY{other} 的 {title} 互换"
    ),
    "EPS rises from {eps} to {eps_later}, and P/E too, from {pe} to {pe_later}": (
        "EPS 由 {eps} 升至 {eps_later}，市盈率也由 {pe} 升至 {pe_later}"
    ),
    "P/E FY{year} of {odd} of {all} names is not at the price of the other years but"
    " {shift:+.1%} off it: of another day?": (
        "{all} 只中有 {odd} 只的 FY{year} 市盈率与其他年份的价格不符，相差 {shift:+.1%}：为另一日？"
    ),
    "EPS is larger than P/E and falls in {odd} of {rows} rows: swapped?": (
        "{rows} 行中有 {odd} 行 EPS 大于市盈率且递减：两列互换？"
    ),
    "{code}: {digits} is a code of {right}, not of {suffix}": (
        "{code}：{digits} 是 {right} 的代码，不是 {suffix} 的"
    ),
    "{code} was retired on {day}: it is {symbol} since": "{code} 已于 {day} 停用：此后为 {symbol}",
    "{code} is {name}": "{code} 是{name}",
    "{code} is not the code of {name}": "{code} 不是{name}的代码",
    "{name} is {symbol}": "{name}是 {symbol}",
    "{day} was no trading day: the prices are those of {days}": (
        "{day} 不是交易日：价格为 {days} 的"
    ),
    "{one} and {other}: {message}": "{one} 与 {other}：{message}",
    "implied prices {one} and {other} exclude each other": "隐含价格 {one} 与 {other} 互不相容",
    "FY{year} EPS {one} and {other}": "FY{year} EPS {one} 与 {other}",
    "market caps {one:,.2f} and {other:,.2f}": "市值 {one:,.2f} 与 {other:,.2f}",
    "market cap ÷ price gives {one:,.3f} and {other:,.3f} hundred million shares": (
        "市值 ÷ 价格得股本 {one:,.3f} 亿股与 {other:,.3f} 亿股"
    ),
    "market cap ÷ price gives {count:,.3f} hundred million shares, the vendor counts"
    " {counted:,.3f}: new shares, shares elsewhere, or a wrong figure": (
        "市值 ÷ 价格得股本 {count:,.3f} 亿股，数据商为 {counted:,.3f} 亿股："
        "增发、异地股份或数字有误"
    ),
    "market cap ÷ price gives {middle:,.4g} hundred million shares for the middle name: is the"
    " unit of the market caps right?": (
        "市值 ÷ 价格得中间一只的股本 {middle:,.4g} 亿股：市值单位是否正确？"
    ),
    # What columns mean.
    "x": "倍",
    "EPS currency": "EPS币种",
    "CNY 100m": "亿元",
    "days": "日",
    "minutes": "分钟",
    "The watchlist": "自选表",
    "The watchlist the row is from": "该行所属的自选表",
    "Name in the catalogue": "指标目录中的名称",
    "Names with a meaningful figure": "有有效数值的只数",
    "Names whose figure means nothing": "数值无意义的只数",
    "Names that lack a price or an estimate": "缺价格或预测的只数",
    "The lowest meaningful figure": "最低的有效数值",
    "A quarter of the meaningful figures lie below": "四分之一的有效数值低于此",
    "Half of the meaningful figures lie below": "一半的有效数值低于此",
    "Arithmetic mean of the meaningful figures": "有效数值的算术平均",
    "Three quarters of the meaningful figures lie below": "四分之三的有效数值低于此",
    "The highest meaningful figure": "最高的有效数值",
    "n ÷ Σ(1 ÷ P/E) of the meaningful ones": "有效者的 n ÷ Σ(1 ÷ 市盈率)",
    "Σ market cap ÷ Σ earnings, losses included": "Σ 市值 ÷ Σ 盈利，含亏损",
    "Names in the aggregate": "整体法所含只数",
    "Symbol of the name that ranks first by it": "按其排名第一者的代码",
    "In the first run": "第一次运行",
    "In the second run": "第二次运行",
    "Source and day": "来源与日期",
    "Places up (+) or down (−)": "上升 (+) 或下降 (−) 的名次",
    "Second over first − 1": "第二次 ÷ 第一次 − 1",
    "What the price alone did to the multiple, split-adjusted": "仅价格对倍数的影响，按送转调整",
    "What the exchange rate alone did to it": "仅汇率的影响",
    "What EPS FY1 alone did to it: (1 + price)(1 + FX)(1 + EPS) = 1 + P/E change": (
        "仅 EPS FY1 的影响：(1 + 价格)(1 + 汇率)(1 + EPS) = 1 + 市盈率变动"
    ),
    "the sector": "行业",
    "all sectors": "全部行业",
    "Weighted mean of percentile ranks within {where}, 1 is best: {parts}": (
        "{where}内分位的加权平均，1 为最优：{parts}"
    ),
    "What {name} adds to the composite: its share times its percentile rank": (
        "{name} 对综合得分的贡献：权重 × 分位"
    ),
    "Which share of the other names in {where} is worse by {name}, 1 is best": (
        "{where}内其他标的中按 {name} 较差者的比例，1 为最优"
    ),
    "(number of worse ones + half of those that tie) ÷ number of others": (
        "(较差者数 + 并列者数的一半) ÷ 其他标的数"
    ),
    "Place of the row in the watchlists that were read": "该行在所读自选表中的次序",
    "P/Es above it are NM; empty: none are": "高于此的市盈率为 NM；空：无上限",
    "Code and exchange": "代码与交易所",
    "Code and exchange, corrected where the table was wrong": "代码与交易所，表中有误者已更正",
    "The code as the table prints it": "表中印刷的代码",
    "The name as the table prints it": "表中印刷的名称",
    "The name as printed": "印刷的名称",
    "File and line of the row": "该行所在文件与行号",
    "The watchlist's own note on the row": "自选表对该行的备注",
    "Month and day the fiscal year ends": "财年截止的月与日",
    "Share of calendar year N that lies in fiscal year N; the rest lies in N + 1": (
        "日历年 N 落在财年 N 的比例；其余落在 N + 1"
    ),
    "Printed market cap, in 100 million CNY, at the rate of the valuation": (
        "表中印刷的市值，以亿元计，按估值日汇率"
    ),
    "Price of one share, in price_currency": "每股价格，以 price_currency 计",
    "Price of one share; empty where there is none": "每股价格；没有则为空",
    "Currency of the price": "价格的币种",
    "Currency of the estimates": "预测的币种",
    "Currency of the EPS": "EPS 的币种",
    "The lowest price that the source's rounding allows": "来源舍入所容许的最低价",
    "The highest price that the source's rounding allows": "来源舍入所容许的最高价",
    "Who says so": "出自何处",
    "Who says so; empty for one currency": "出自何处；同一币种则为空",
    "live, delayed, close, cached, file, or report: implied by the printed table": (
        "live 实时、delayed 延迟、close 收盘、cached 存储、file 文件，或 report：由印刷表推出"
    ),
    "When the price was made on the market, in the exchange's zone where shown": (
        "市场成交时间，显示时为交易所时区"
    ),
    "Days from the price to the day of the valuation": "价格距估值日的天数",
    "By how much the source says it lags the market; empty: it does not say": (
        "来源自称的延迟；空：未说明"
    ),
    "When the price was asked for; empty for prices of a file or of the report": (
        "请求价格的时间；文件价与报告价为空"
    ),
    "Units of eps_currency for one of price_currency": "一单位 price_currency 折合的 eps_currency",
    "When the rate was made; empty for one currency": "汇率的时间；同一币种则为空",
    "The price that the printed table implies, in price_currency": (
        "印刷表隐含的价格，以 price_currency 计"
    ),
    "printed, or rolled forward with the price": "印刷值，或随价格推算",
    "The day the estimates are of": "预测的日期",
    "Days from the estimates to the day of the valuation": "预测距估值日的天数",
    "When the estimates were asked for; empty for those of a table or a workbook": (
        "请求预测的时间；表或工作簿中的预测为空"
    ),
    "What was done to the estimates": "对预测所作的处理",
    "Years of the consensus that are over: their EPS is stale, or actual if it was updated": (
        "预测中已结束的财年：其 EPS 已过时，若已更新则为实际值"
    ),
    "The fiscal year in progress on the day of the valuation": "估值日所在的财年",
    "The last day of FY1": "FY1 的最后一日",
    "Share of the next twelve months that lies in FY1": "未来十二个月落在 FY1 的比例",
    "Years from FY1 to the last year of the consensus": "FY1 至预测末年的年数",
    "Half a step of the last decimal that the row's EPS is printed with": (
        "该行 EPS 印刷末位的半个单位"
    ),
    "Half a step of the last decimal": "末位的半个单位",
    "Shares that one share of the consensus day has become by the day of the price": (
        "预测日的一股至价格日所成的股数"
    ),
    "Shares that one share of the table's day has become by the day of the price": (
        "报告日的一股至价格日所成的股数"
    ),
    "Ex-date, ratio and source of each of those splits": "各次送转的除权日、比例与来源",
    "Consensus EPS, in eps_currency, split-adjusted": (
        "一致预期 EPS，以 eps_currency 计，按送转调整"
    ),
    "The lowest EPS that prints as it does": "舍入后相同的最低 EPS",
    "The highest EPS that prints as it does": "舍入后相同的最高 EPS",
    "EPS {title} as the table printed it, per share of the day of the valuation": (
        "表中印刷的 EPS {title}，按估值日的每股"
    ),
    "Sheet and symbol: what other sheets look rows up by": "工作表与代码：其他表据此查找",
    "The sheet that shows the row": "显示该行的工作表",
    "As its source says": "按来源",
    "As printed": "按印刷",
    "As printed, in 100 million CNY": "按印刷，亿元",
    "The day the EPS is of, and per whose shares": "EPS 的日期，亦即每股所按的日期",
    "New shares for one old share": "一旧股折合的新股数",
    "New shares for one of the report's day": "报告日一股折合的新股数",
    "What the table implies": "由表推出",
    "Month the fiscal year ends in": "财年截止的月份",
    "Day the fiscal year ends on": "财年截止的日",
    "Place in the watchlists": "在自选表中的次序",
    "Place in the sector, 1 is best": "行业内名次，1 为最优",
    "The best rank that rounding of EPS leaves possible": "EPS 舍入所容许的最好名次",
    "The worst rank that rounding of EPS leaves possible": "EPS 舍入所容许的最差名次",
    "Place across sectors, each listing once": "跨行业名次，每只标的一次",
    "The ranking figure at the low end of rounding": "舍入下限的排名数值",
    "The ranking figure at the high end of rounding": "舍入上限的排名数值",
    "ranked, nm (no meaningful figure), no_estimate, no_rate or no_price": (
        "ranked 已排名、nm 无意义、no_estimate 缺预测、no_rate 缺汇率或 no_price 缺价格"
    ),
    # What metrics mean, and how they are computed.
    "The price in the currency of the estimates": "以预测币种计的价格",
    "price × fx": "价格 × 汇率",
    "Consensus EPS of the next twelve months": "未来十二个月的一致预期 EPS",
    "w × EPS(FY1) + (1 − w) × EPS(FY2), w = days left in FY1 ÷ 365": (
        "w × EPS(FY1) + (1 − w) × EPS(FY2)，w = FY1 剩余天数 ÷ 365"
    ),
    "Price over consensus EPS of {title}; NM for a loss": (
        "价格与 {title} 一致预期 EPS 之比；亏损为 NM"
    ),
    "price × fx ÷ EPS({title}), where EPS > 0": "价格 × 汇率 ÷ EPS({title})，须 EPS > 0",
    "P/E FY1 at the {end} EPS that prints as it does": "按舍入后相同的{end} EPS 计的市盈率 FY1",
    "price × fx ÷ the {end} EPS(FY1) within its rounding": (
        "价格 × 汇率 ÷ 舍入范围内{end}的 EPS(FY1)"
    ),
    "Consensus EPS of {title} over price; negative for a loss": (
        "{title} 一致预期 EPS 与价格之比；亏损为负"
    ),
    "EPS({title}) ÷ (price × fx)": "EPS({title}) ÷ (价格 × 汇率)",
    "Change of consensus EPS from FY{base} to FY{year}; only from a profit": (
        "一致预期 EPS 由 FY{base} 至 FY{year} 的变化；仅限由盈利起算"
    ),
    "EPS(FY{year}) ÷ EPS(FY{base}) − 1, where EPS(FY{base}) > 0": (
        "EPS(FY{year}) ÷ EPS(FY{base}) − 1，须 EPS(FY{base}) > 0"
    ),
    "Yearly growth of consensus EPS from FY1 to its last year; both must be profits": (
        "一致预期 EPS 由 FY1 至末年的年增速；两端须为盈利"
    ),
    "(EPS(last) ÷ EPS(FY1)) ^ (1 ÷ years) − 1, both > 0": (
        "(EPS(末年) ÷ EPS(FY1)) ^ (1 ÷ 年数) − 1，两者 > 0"
    ),
    "P/E FY1 over the yearly growth of EPS in percent; NM where EPS does not grow": (
        "市盈率 FY1 与 EPS 年增速（百分数）之比；EPS 不增长为 NM"
    ),
    "pe_fy1 ÷ (100 × eps_cagr), where eps_cagr > 0": "pe_fy1 ÷ (100 × eps_cagr)，须 eps_cagr > 0",
    "P/E FY1 above (+) or below (−) the median of the sector's meaningful ones": (
        "市盈率 FY1 高于 (+) 或低于 (−) 行业有效者的中位数"
    ),
    "pe_fy1 ÷ median of the sector's pe_fy1 − 1": "pe_fy1 ÷ 行业 pe_fy1 的中位数 − 1",
    "What a share would cost at the sector's median P/E FY1, in the price's currency": (
        "按行业市盈率 FY1 中位数计的股价，以价格币种计"
    ),
    "median of the sector's pe_fy1 × EPS(FY1) ÷ fx, where EPS(FY1) > 0": (
        "行业 pe_fy1 的中位数 × EPS(FY1) ÷ 汇率，须 EPS(FY1) > 0"
    ),
    "How far the price is from the implied price": "价格距隐含价的空间",
    "implied_price ÷ price − 1": "implied_price ÷ 价格 − 1",
    "Change of the price since the table's day, as if no share had been split": (
        "报告日以来的涨跌，按送转调整"
    ),
    "price × split since report ÷ report price − 1": "价格 × 报告以来送转 ÷ 报告价 − 1",
    "Change of consensus EPS of {title} since the table, split-adjusted": (
        "报告以来 {title} 一致预期 EPS 的变化，按送转调整"
    ),
    "EPS({title}) ÷ the table's EPS({title}) − 1, where that is > 0": (
        "EPS({title}) ÷ 表中 EPS({title}) − 1，须后者 > 0"
    ),
    "What of the price change since the table is not revision of EPS FY1: the multiple's": (
        "报告以来的涨跌中不属于 EPS FY1 修正的部分：估值的变动"
    ),
    "(1 + price_change) ÷ (1 + eps_revision_fy1) − 1, both EPS > 0": (
        "(1 + price_change) ÷ (1 + eps_revision_fy1) − 1，两个 EPS > 0"
    ),
    "Printed market cap, rolled forward with the price, in 100 million": (
        "印刷的市值随价格推算，以亿计"
    ),
    "printed market cap × price × split since report ÷ report price": (
        "印刷市值 × 价格 × 报告以来送转 ÷ 报告价"
    ),
}
