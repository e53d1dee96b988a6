"use strict";
// The topic Orders: computes figures of any days and orders in the browser.
(() => {
  const { unpack, charts, draw, all, save } = globalThis.dashboard;
  const form = document.getElementById("filters");
  const part = (name) => document.getElementById(`orders-${name}`);
  const DAY = 86_400_000;
  const SHOWN = 200;
  const FILTERS = ["country", "channel", "coupon", "category"];
  const ANY = "";
  const known = new Map();
  let store = null;
  let sales = null;
  let found = [];

  const text = (day) => new Date(day * DAY).toISOString().slice(0, 10);
  const number = (day) => Math.round(Date.parse(day) / DAY);
  const written = (day, more = { day: "numeric" }) =>
    new Date(day * DAY).toLocaleDateString("en-GB", { month: "short", year: "numeric", timeZone: "UTC", ...more });

  function startOf(day, grain) {
    if (grain === "day") return day;
    const date = new Date(day * DAY);
    if (grain === "week") return day - ((date.getUTCDay() + 6) % 7);
    return number(`${text(day).slice(0, 8)}01`);
  }

  function after(start, grain) {
    return grain === "day" ? start + 1 : grain === "week" ? start + 7 : startOf(start + 31, "month");
  }

  function yearBefore(day) {
    const [year, month, date] = text(day).split("-");
    const same = `${year - 1}-${month}-${date}`;
    return month === "02" && date === "29" ? number(`${year - 1}-02-28`) : number(same);
  }

  const total = (numbers) => {
    let sum = 0;
    return numbers.map((one) => (sum += one));
  };

  // Each sale as an object; amounts in the currency's smallest unit.
  async function salesOf(id) {
    const { money, first, days, lines, filters, ...columns } = JSON.parse(await unpack(`orders-${id}`));
    const begin = first === null ? 0 : number(first);
    const named = (name, { names, codes }) => (at) => (codes[at] < 0 ? null : names[codes[at]]);
    const [country, channel, coupon] = FILTERS.slice(0, 3).map((name) => named(name, filters[name]));
    const list = total(days).map((day, at) => ({
      id: columns.ids[at],
      day: begin + day,
      gross: columns.total[at],
      refunded: columns.refunded[at] ?? 0,
      returning: columns.returning[at] === "1",
      country: country(at),
      channel: channel(at),
      coupon: coupon(at),
      goods: [],
    }));
    const category = named("category", lines.category);
    total(lines.orders).forEach((order, at) => {
      list[order].goods.push({ category: category(at), amount: lines.amount[at] });
    });
    const options = Object.fromEntries(FILTERS.slice(0, 3).map((name) => [name, filters[name].names]));
    // A category includes all below it.
    const above = (path) => path.split(" > ").map((_, at, names) => names.slice(0, at + 1).join(" > "));
    options.category = [...new Set(lines.category.names.flatMap(above))].sort();
    return { list, money, options };
  }

  function amount(value, whole = false) {
    const { prefix, suffix, decimals } = sales.money;
    const scaled = Math.abs(value) / 10 ** decimals;
    const digits = whole && scaled >= 1000 ? 0 : decimals;
    const shown = scaled.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return `${value < 0 && Number(shown.replaceAll(",", "")) ? "\u2212" : ""}${prefix}${shown}${suffix}`;
  }

  const count = (value) => value.toLocaleString("en-US");
  const percent = (value) => (value === null ? "\u2013" : `${(value * 100).toFixed(1)}%`);

  function asked() {
    const data = Object.fromEntries(new FormData(form));
    return { ...data, first: number(data.from), last: number(data.to) };
  }

  // The sales between two days that fit; with a category, each has the amount of its goods as net sales.
  function chosen(question, first, last) {
    const fitting = [];
    for (const sale of sales.list) {
      if (sale.day < first || sale.day > last) continue;
      if (FILTERS.slice(0, 3).some((name) => question[name] !== ANY && question[name] !== (sale[name] ?? "\u2013"))) continue;
      if (question.category === ANY) {
        fitting.push({ ...sale, net: sale.gross - sale.refunded });
        continue;
      }
      const goods = sale.goods.filter(
        ({ category }) => category === question.category || category.startsWith(`${question.category} > `),
      );
      if (goods.length) fitting.push({ ...sale, net: goods.reduce((sum, one) => sum + one.amount, 0) });
    }
    return fitting;
  }

  const sum = (list, name) => list.reduce((whole, one) => whole + one[name], 0);
  const share = (piece, whole) => (whole ? piece / whole : null);
  const FIGURES = [
    { title: "Net sales", of: (list) => sum(list, "net"), write: (value) => amount(value, true) },
    { title: "Orders", of: (list) => list.length, write: count },
    { title: "Average order", of: (list) => share(sum(list, "net"), list.length), write: (value) => (value === null ? "\u2013" : amount(value)) },
    { title: "Returning customers", of: (list) => share(sum(list.filter((one) => one.returning), "net"), sum(list, "net")), write: percent, isShare: true },
    { title: "Refund rate", of: (list) => share(sum(list, "refunded"), sum(list, "gross")), write: percent, isShare: true, less: true },
  ];

  function element(name, content = "", attributes = {}) {
    const made = document.createElement(name);
    made.append(...[content].flat());
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function compared(figure, now, was, words) {
    const before = `${figure.write(was)} ${words}`;
    if (now === null || was === null) return was === null ? [] : [element("dd", before, { class: "beside" })];
    const moved = figure.isShare ? (now - was) * 100 : was ? ((now - was) / was) * 100 : null;
    if (moved === null) return [element("dd", before, { class: "beside" })];
    const up = moved > 0;
    const same = !Number(Math.abs(moved).toFixed(1));
    const mood = same ? "neutral" : up === !figure.less ? "good" : "bad";
    const said = `${up ? "+" : "\u2212"}${Math.abs(moved).toFixed(1)}${figure.isShare ? " points" : "%"}`;
    const change = [element("span", `${same ? "\u25a0" : up ? "\u25b2" : "\u25bc"} `, { "aria-hidden": "true" }), same ? "unchanged" : said];
    return [element("dd", [element("span", change, { class: `change ${mood}` }), " ", before], { class: "beside" })];
  }

  function showTiles(question, list) {
    const { first, last } = question;
    const length = last - first + 1;
    const begin = sales.list[0].day;
    const earlier = [
      ["before", first - length, first - 1],
      ["a year before", yearBefore(first), yearBefore(last)],
    ].filter(([, from]) => from >= begin);
    const others = earlier.map(([words, from, to]) => [words, chosen(question, from, to)]);
    part("tiles").replaceChildren(
      ...FIGURES.map((figure) => {
        const now = figure.of(list);
        const beside = others.flatMap(([words, other]) => compared(figure, now, figure.of(other), words));
        return element("div", [element("dt", figure.title), element("dd", figure.write(now), { class: "value" }), ...beside], { class: "tile" });
      }),
    );
  }

  function stepsOf({ first, last, grain }) {
    const steps = [];
    for (let start = startOf(first, grain); start <= last; start = after(start, grain)) steps.push(start);
    return steps;
  }

  function stepName(start, grain) {
    if (grain === "month") return written(start, {});
    return (grain === "week" ? "week of " : "") + written(start);
  }

  function showSteps(question, list) {
    const { grain } = question;
    const steps = stepsOf(question);
    const by = new Map(steps.map((start) => [start, []]));
    for (const sale of list) by.get(startOf(sale.day, grain)).push(sale);
    const scale = 10 ** sales.money.decimals;
    const trace = (name, colour, value) => ({
      type: "bar",
      x: steps.map(text),
      y: steps.map((start) => value(by.get(start)) / scale),
      name,
      meta: { colour },
      customdata: steps.map((start) => amount(value(by.get(start)))),
      hovertemplate: "%{customdata}",
      marker: { line: { width: 0 } },
    });
    const data = [trace("Net sales", "main", (some) => sum(some, "net"))];
    const goods = question.category !== ANY;
    if (!goods) data.push(trace("Refunded", "lost", (some) => sum(some, "refunded")));
    const largest = Math.max(...steps.map((start) => sum(by.get(start), "gross") / scale));
    charts["orders-chart"] = {
      data,
      layout: {
        margin: { l: 8, r: 8, t: 8, b: 8, pad: 4 },
        dragmode: false,
        hovermode: "x unified",
        legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", traceorder: "normal" },
        bargap: 0.28,
        barmode: "stack",
        showlegend: data.length > 1,
        xaxis: {
          type: "date",
          tickvals: steps.map(text),
          ticktext: steps.map((start) => written(start, { year: undefined, day: grain === "month" ? undefined : "numeric" })),
          fixedrange: true,
        },
        yaxis: { rangemode: "tozero", tickformat: largest >= 10_000 ? "~s" : largest >= 10 ? ",.0f" : ",.2f", nticks: 6, tickprefix: sales.money.prefix, ticksuffix: sales.money.suffix, fixedrange: true },
      },
    };
    const chart = part("chart");
    draw(chart);
    if (!chart.followed) {
      chart.followed = true;
      chart.on("plotly_click", ({ points: [{ x }] }) => showList(asked(), number(x.slice(0, 10))));
    }
    part("note").textContent = goods
      ? "Net sales are those of the goods in this category: without tax and shipping, after discounts and refunds."
      : "By the day of the order. Click a bar, or a step in the table, to see its orders.";
    const rows = steps.filter((start) => by.get(start).length).reverse().map((start) => {
      const button = element("button", stepName(start, grain), { type: "button", class: "step" });
      button.addEventListener("click", () => showList(asked(), start));
      const some = by.get(start);
      return [button, count(some.length), amount(sum(some, "gross")), amount(sum(some, "refunded")), amount(sum(some, "net"))];
    });
    fill(part("steps"), [grain[0].toUpperCase() + grain.slice(1), "Orders", "Gross sales", "Refunded", "Net sales"], rows);
  }

  function fill(table, columns, rows) {
    const head = element("thead", element("tr", columns.map((one) => element("th", one, { scope: "col" }))));
    const cells = (row) => row.map((cell, at) => element(at ? "td" : "th", cell, at ? {} : { scope: "row" }));
    table.replaceChildren(head, element("tbody", rows.map((row) => element("tr", cells(row)))));
  }

  const COLUMNS = ["Order", "Day", "Total", "Refunded", "Net sales", "Buyer", "Country", "Channel", "Coupon"];
  const rowOf = (sale) => [
    sale.id,
    text(sale.day),
    ...[sale.gross, sale.refunded, sale.net].map((value) => amount(value)),
    sale.returning ? "returning" : "new",
    ...[sale.country, sale.channel, sale.coupon].map((value) => value ?? "\u2013"),
  ];

  // The orders of a step, or all that were asked for.
  function showList(question, step = null) {
    const all = chosen(question, question.first, question.last).reverse();
    found = step === null ? all : all.filter(({ day }) => startOf(day, question.grain) === step);
    const of = step === null ? "" : ` of ${stepName(step, question.grain).replace("week of", "the week of")}`;
    const more = found.length > SHOWN ? ` The first ${SHOWN} are shown; the CSV has all.` : "";
    part("finding").textContent =
      `${count(found.length)} ${found.length === 1 ? "order" : "orders"}${of}, with net sales of ${amount(sum(found, "net"))}.${more}`;
    fill(part("list"), COLUMNS, found.slice(0, SHOWN).map(rowOf));
  }

  function show(step = null) {
    const question = asked();
    document.getElementById("t-orders").textContent = `Orders: ${written(question.first)} \u2013 ${written(question.last)}`;
    const list = question.first <= question.last ? chosen(question, question.first, question.last) : [];
    part("none").hidden = list.length > 0;
    part("found").hidden = list.length === 0;
    if (!list.length) return;
    showTiles(question, list);
    showSteps(question, list);
    showList(question, step);
  }

  function usualGrain() {
    const { first, last } = asked();
    const days = last - first + 1;
    form.elements.grain.value = days <= 45 ? "day" : days <= 190 ? "week" : "month";
  }

  function offer() {
    for (const name of FILTERS) {
      const options = sales.options[name].map((one) => element("option", one, { value: one }));
      form.elements[name].replaceChildren(element("option", "all", { value: ANY }), ...options);
      form.elements[name].closest("label").hidden = options.length === 0;
    }
    const last = sales.list.at(-1)?.day ?? 0;
    const first = Math.max(sales.list[0]?.day ?? 0, last - 29);
    for (const [name, day] of [["from", first], ["to", last]]) form.elements[name].value = text(day);
    usualGrain();
  }

  function ask({ first, last, grain, only, ...filters }) {
    form.reset();
    form.elements.from.value = first;
    form.elements.to.value = last;
    usualGrain();
    if (grain) form.elements.grain.value = grain;
    for (const [name, wanted] of Object.entries(filters)) {
      const options = [...form.elements[name].options].map(({ value }) => value);
      form.elements[name].value = options.find((one) => one.toLowerCase() === wanted.toLowerCase()) ?? ANY;
    }
    return only ? number(only) : null;
  }

  document.addEventListener("orders", async ({ detail }) => {
    if (!known.has(detail.store)) known.set(detail.store, salesOf(detail.store));
    const of = await known.get(detail.store);
    const other = store !== detail.store;
    [store, sales] = [detail.store, of];
    if (other) offer();
    show(detail.question ? ask(detail.question) : null);
  });

  form.addEventListener("change", ({ target }) => {
    if (!form.reportValidity()) return;
    if (["from", "to"].includes(target.name)) usualGrain();
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  part("csv").addEventListener("click", () => {
    const table = document.createElement("table");
    fill(table, COLUMNS, found.map(rowOf));
    save("orders", all("tr", table));
  });
})();
