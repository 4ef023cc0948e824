// Tables become sortable, sections become tabs, charts are drawn. Without this script the page
// still shows every table, one below the other.
const read = (name) => JSON.parse(document.getElementById(name).textContent);
const language = read("words");

// The style sheet of the tables knows dark by a class, not by the reader's preference.
const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark", dark.matches);
dark.addEventListener("change", dress);
dress();

// A missing figure stands last in both directions: a loss never looks cheap.
const missing = (one, other) => (one === "") - (other === "");
DataTable.type("figure", {
  detect: () => false,
  order: {
    asc: (one, other) => missing(one, other) || one - other,
    desc: (one, other) => missing(one, other) || other - one,
  },
});

// More rows than one reads at a time come in pages; on paper all of them do.
const pageLength = 100;
const fewest = 12;
const tables = [...document.querySelectorAll("main table")].map((table) => {
  const heads = [...table.tHead.rows[0].cells];
  const isLong = table.tBodies[0].rows.length > fewest;
  return new DataTable(table, {
    language,
    order: [],
    autoWidth: false,
    paging: table.tBodies[0].rows.length > 2 * pageLength,
    pageLength,
    info: table.tBodies[0].rows.length > 2 * pageLength,
    columns: heads.map((head, at) => {
      const cell = table.tBodies[0].rows[0]?.cells[at];
      const isFigure = cell?.hasAttribute("data-order");
      const filter = { extend: "dropdown", icon: "search", content: [isFigure ? "searchNumber" : "searchText"] };
      return { ...(isFigure && { type: "figure" }), columnControl: isLong ? ["order", filter] : ["order"] };
    }),
    ordering: { indicators: false, handler: true },
    layout: { topStart: isLong ? "search" : null, topEnd: null },
  });
});
const showAll = (length) => tables.forEach((table) => table.page.len(length).draw());
addEventListener("beforeprint", () => showAll(-1));
addEventListener("afterprint", () => showAll(pageLength));

// One section at a time, opened by its tab or by a link to a row in it.
const tabs = [...document.querySelectorAll("nav a")];
const parts = [...document.querySelectorAll("main > section")];
document.querySelector("nav div").setAttribute("role", "tablist");
tabs.forEach((tab, at) => {
  tab.id = `tab-${at}`;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", parts[at].id);
  // Followed as a link, it would lose the focus that the arrow keys go on from.
  tab.addEventListener("click", (event) => {
    event.preventDefault();
    history.pushState(null, "", tab.hash);
    open();
    tab.focus();
  });
  parts[at].setAttribute("role", "tabpanel");
  parts[at].setAttribute("aria-labelledby", tab.id);
  parts[at].removeAttribute("aria-label");
});
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target?.closest("main > section") ?? parts[0];
  parts.forEach((each, at) => {
    each.hidden = each !== part;
    tabs[at].setAttribute("aria-selected", String(each === part));
    tabs[at].tabIndex = each === part ? 0 : -1;
  });
  if (target && target !== part) target.scrollIntoView({ block: "center" });
  else scrollTo(0, 0);
};
document.querySelector("nav").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
  tabs[next].click();
});
addEventListener("hashchange", open);
addEventListener("popstate", open);
open();

// Charts take the colour of the text around them, light or dark. The interpreter of expressions
// needs no code made of texts, which the page's policy forbids.
const plain = { labelColor: "currentColor", titleColor: "currentColor", titleFontWeight: "normal" };
const config = {
  background: "transparent",
  font: "inherit",
  axis: { ...plain, gridColor: "currentColor", gridOpacity: 0.15, domainColor: "currentColor", tickColor: "currentColor" },
  legend: plain,
  header: plain,
  text: { color: "currentColor" },
  rule: { color: "currentColor" },
  view: { stroke: null },
};
const charts = read("charts");
for (const place of document.querySelectorAll("[data-chart]")) {
  const options = { mode: "vega-lite", renderer: "svg", actions: false, ast: true, config, tooltip: { theme: dark.matches ? "dark" : "light" } };
  await vegaEmbed(place, charts[place.dataset.chart], options);
}
document.documentElement.dataset.drawn = "all";
