"use strict";
// Any days and filters: headline figures, cards and orders, computed in the browser.
(() => {
  const { unpack, about, charts, draw, all, save, tell, toOrders } = globalThis.dashboard;
  const { ANY, NOTHING, FILTERS, days, isFiltered, isAboutGoods, chosen, sum, share, rounded, count, percent } = globalThis.sales;
  const { text, number, written, startOf, stepName } = days;
  const { computed, stepsOf } = globalThis.cards;
  const form = document.getElementById("filters");
  const part = (name) => document.getElementById(`asked-${name}`);
  const SHOWN = 200;
  const known = new Map();
  const drawn = new Map();
  let topic = "Orders";
  let store = null;
  let sales = null;
  let money = null;
  let found = [];

  function asked() {
    const data = Object.fromEntries(new FormData(form));
    return { ...data, first: number(data.from), last: number(data.to) };
  }

  const net = (list) => sum(list, "net");
  const FIGURES = [
    { title: "Net sales", of: ({ list }) => net(list), write: (value) => money.whole(value) },
    { title: "Orders", of: ({ list }) => list.length, write: count },
    { title: "Average order", of: ({ list }) => share(net(list), list.length), write: (value) => money.whole(value) },
    { title: "Returning customers", of: ({ list }) => share(net(list.filter((one) => one.returning)), net(list)), write: percent, isShare: true },
    { title: "Refund rate", of: ({ list, goods }) => (goods ? null : share(sum(list, "refunded"), sum(list, "gross"))), write: percent, isShare: true, less: true },
    { title: "Left in carts", of: ({ carts }) => (carts ? sum(carts, "amount") : null), write: (value) => money.whole(value), less: true },
  ];

  function element(name, content = "", attributes = {}) {
    const made = document.createElement(name);
    made.append(...[content].flat());
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function compared(figure, now, was, words) {
    if (was === null) return [];
    const before = `${figure.write(was)} ${words}`;
    const moved = now === null ? null : figure.isShare ? (now - was) * 100 : was ? ((now - was) / was) * 100 : null;
    if (moved === null) return [element("dd", before, { class: "beside" })];
    const size = rounded(moved, 1, { useGrouping: false });
    const same = !Number(size);
    const up = moved > 0;
    const mood = same ? "neutral" : up === !figure.less ? "good" : "bad";
    const said = `${up ? "+" : "\u2212"}${size}${figure.isShare ? " points" : "%"}`;
    const change = [element("span", `${same ? "\u25a0" : up ? "\u25b2" : "\u25bc"} `, { "aria-hidden": "true" }), same ? "unchanged" : said];
    return [element("dd", [element("span", change, { class: `change ${mood}` }), " ", before], { class: "beside" })];
  }

  // What happened between two days; carts aren't orders, so that no filter fits them.
  function happened(question, first, last) {
    const carts = isFiltered(question) ? null : sales.carts.filter(({ day }) => day >= first && day <= last);
    return { list: chosen(sales, question, first, last, about.noReason), carts, goods: isAboutGoods(question) };
  }

  function showTiles(question, now) {
    const { first, last } = question;
    const length = last - first + 1;
    const earlier = [
      ["before", first - length, first - 1],
      ...(length < 365 ? [["a year before", days.yearBefore(first), days.yearBefore(last)]] : []),
    ].filter(([, from]) => from >= sales.begin);
    const others = earlier.map(([words, from, to]) => {
      const was = happened(question, from, to);
      // Carts are not kept for as long as orders.
      return [words, sales.carts[0]?.day <= from ? was : { ...was, carts: null }];
    });
    const shown = FIGURES.filter(({ title }) =>
      title === "Left in carts" ? topic !== "Orders" && now.carts : title !== "Refund rate" || !now.goods,
    );
    part("tiles").replaceChildren(
      ...shown.map((figure) => {
        const value = figure.of(now);
        const beside = others.flatMap(([words, was]) => compared(figure, value, figure.of(was), words));
        return element("div", [element("dt", figure.title), element("dd", figure.write(value), { class: "value" }), ...beside], { class: "tile" });
      }),
    );
  }

  function fill(table, columns, rows) {
    const head = element("thead", element("tr", columns.map((one) => element("th", one, { scope: "col" }))));
    const cells = (row) => row.map((cell, at) => element(at ? "td" : "th", cell, at ? {} : { scope: "row" }));
    table.replaceChildren(head, element("tbody", rows.map((row) => element("tr", cells(row)))));
  }

  // The place of a card, which stays the same for other days.
  function placeOf({ key, title, by, byDay }) {
    if (drawn.has(key)) return drawn.get(key);
    const id = `asked-${key}`;
    const ranking = byDay || key === "carts" ? "" : " ranking";
    const template = document.createElement("template");
    template.innerHTML = `<figure class="card" aria-labelledby="h-${id}">
      <figcaption><h3 id="h-${id}"></h3><p class="finding" id="f-${id}"></p></figcaption>
      <div class="chart${ranking}" id="c-${id}" role="img" aria-labelledby="h-${id}" aria-describedby="f-${id}"></div>
      <details><summary>Data<span class="unseen"></span></summary>
      <button type="button" class="csv" data-name="any-days-${key}">Save as CSV</button>
      <div class="scroll" tabindex="0" role="region"><table></table></div></details><p class="note"></p></figure>`;
    const figure = template.content.firstElementChild;
    figure.querySelector("h3").textContent = title;
    figure.querySelector(".unseen").textContent = ` of: ${title}`;
    figure.querySelector(".scroll").setAttribute("aria-label", `Table: ${title}`);
    drawn.set(key, figure);
    return figure;
  }

  // The orders of a bar: of a step, or of a value of a filter.
  function follow({ by, byDay }, value) {
    const wanted = byDay ? { step: value } : { [by]: value };
    if (topic === "Orders") showList(asked(), value);
    else toOrders({ keep: true, ...wanted });
  }

  function showCard(card, { finding, note = null, more = "", chart, columns, rows }) {
    const figure = placeOf(card);
    const place = figure.querySelector(".chart");
    const clickable = card.by || card.byDay;
    figure.querySelector(".finding").textContent = finding;
    figure.querySelector(".note").textContent = (note ?? card.note) + more;
    const cells = rows.map(([{ name, value }, ...rest]) => {
      if (!clickable) return [name, ...rest];
      const button = element("button", name, { type: "button", class: "step" });
      button.addEventListener("click", () => follow(card, value));
      return [button, ...rest];
    });
    fill(figure.querySelector("table"), columns, cells);
    charts[place.id] = chart;
    draw(place);
    if (!clickable || place.followed) return;
    place.followed = true;
    place.on("plotly_click", ({ points: [{ x, pointNumber }] }) => {
      follow(card, card.byDay ? number(x.slice(0, 10)) : charts[place.id].values[pointNumber]);
    });
  }

  function answerOf({ key }, context) {
    if (!(key in computed)) return { finding: "Not available for any days or filters: choose a fixed period." };
    return key === "carts" || context.list.length ? computed[key](context) : { finding: "Nothing was sold." };
  }

  function showCards(question, now) {
    const { first, last, grain } = question;
    // Nothing is drawn where no data are.
    const from = Math.max(first, Math.min(sales.begin, last));
    const to = Math.min(last, Math.max(sales.today, sales.list.at(-1)?.day ?? 0));
    const steps = stepsOf({ first: from, last: to, grain }, now.list, now.carts ?? [], sales.today);
    for (const step of steps) step.whole &&= step.start >= first;
    const context = { ...now, carts: now.carts ?? [], filtered: now.carts === null, steps, grain, money, noReason: about.noReason };
    const cards = about.cards.filter((card) => (topic === "Orders" ? card.key === "sales" : card.topic === topic));
    const answers = cards.map((card) => [card, answerOf(card, context)]);
    const full = answers.filter(([, { chart }]) => chart);
    const halves = full.filter(([card]) => !card.wide);
    const figures = full.map(([card]) => {
      const figure = placeOf(card);
      const wide = card.wide || (halves.length % 2 === 1 && card === halves.at(-1)[0]);
      figure.classList.toggle("wide", wide);
      return figure;
    });
    part("cards").replaceChildren(...figures);
    for (const [card, answer] of full) showCard(card, answer);
    part("others").replaceChildren(
      ...answers.filter(([, { chart }]) => !chart).map(([{ title }, { finding }]) =>
        element("p", [element("strong", `${title}:`), ` ${finding}`], { class: "nothing" }),
      ),
    );
  }

  const COLUMNS = ["Order", "Day", "Total", "Refunded", "Net sales", "Buyer", "Country", "Channel", "Coupon"];
  const rowOf = (sale) => [
    sale.id,
    text(sale.day),
    ...[sale.gross, sale.refunded, sale.net].map((value) => money.amount(value)),
    sale.returning ? "returning" : "new",
    ...[sale.country, sale.channel, sale.coupon].map((value) => value ?? NOTHING),
  ];

  // The orders of a step, or all that were asked for.
  function showList(question, step = null) {
    const fitting = chosen(sales, question, question.first, question.last, about.noReason).reverse();
    found = step === null ? fitting : fitting.filter(({ day }) => startOf(day, question.grain) === step);
    const of = step === null ? "" : ` of ${stepName(step, question.grain).replace("week of", "the week of")}`;
    const more = found.length > SHOWN ? ` The first ${SHOWN} are shown; the CSV has all.` : "";
    part("finding").textContent =
      `${count(found.length)} ${found.length === 1 ? "order" : "orders"}${of}, with net sales of ${money.amount(net(found))}.${more}`;
    fill(part("list"), COLUMNS, found.slice(0, SHOWN).map(rowOf));
  }

  function show(step = null) {
    const question = asked();
    const filters = FILTERS.filter((name) => question[name] !== ANY).map((name) => `, ${name}: ${question[name]}`);
    document.getElementById("t-asked").textContent =
      `${topic}: ${written(question.first)} \u2013 ${written(question.last)}${filters.join("")}`;
    const fits = question.first <= question.last;
    const now = fits ? happened(question, question.first, question.last) : { list: [], carts: null };
    const isEmpty = !now.list.length && !now.carts?.length;
    tell();
    part("none").hidden = !isEmpty;
    part("found").hidden = isEmpty;
    part("orders").hidden = topic !== "Orders";
    if (isEmpty) return;
    showTiles(question, now);
    showCards(question, now);
    if (topic === "Orders") showList(question, step);
  }

  // Only steps that make sense for the days; as the periods have them.
  function offerGrains({ choose }) {
    const { first, last } = asked();
    const grains = days.grainsOf(last - first + 1);
    for (const option of form.elements.grain.options) option.disabled = !grains.includes(option.value);
    if (choose || !grains.includes(form.elements.grain.value)) form.elements.grain.value = grains[0];
  }

  function offer() {
    for (const name of FILTERS) {
      form.elements[name].closest("label").hidden = sales.options[name].length === 0;
      // Products are too many to choose from: their names are written.
      if (name === "product") continue;
      const options = sales.options[name].map((one) => element("option", one, { value: one }));
      form.elements[name].replaceChildren(element("option", "all", { value: ANY }), ...options);
    }
    const last = sales.list.at(-1)?.day ?? sales.today;
    const first = Math.max(sales.list[0]?.day ?? 0, last - 29);
    for (const [name, day] of [["from", first], ["to", last]]) form.elements[name].value = text(day);
    offerGrains({ choose: true });
  }

  // A filter's value by its name, whatever the case of its letters.
  function valueOf(name, wanted) {
    if (name === "product") return wanted;
    const options = [...form.elements[name].options].map(({ value }) => value);
    return options.find((one) => one === wanted) ?? options.find((one) => one.toLowerCase() === wanted.toLowerCase()) ?? ANY;
  }

  function ask({ keep, first, last, grain, only, step = null, ...filters }) {
    if (!keep) {
      form.reset();
      form.elements.from.value = first;
      form.elements.to.value = last;
      offerGrains({ choose: true });
    }
    if (grain) form.elements.grain.value = grain;
    for (const [name, wanted] of Object.entries(filters)) form.elements[name].value = valueOf(name, wanted);
    return only ? number(only) : step;
  }

  async function salesOf(id) {
    const about = await (await unpack(`orders-${id}`)).json();
    const blocks = all(`[id^="orders-${id}-"]`).map(async (block) => new Uint8Array(await (await unpack(block.id)).arrayBuffer()));
    return globalThis.sales.unpacked(about, await Promise.all(blocks));
  }

  document.addEventListener("asked", async ({ detail }) => {
    if (!known.has(detail.store)) known.set(detail.store, salesOf(detail.store));
    const of = await known.get(detail.store);
    const other = store !== detail.store;
    [store, sales, topic] = [detail.store, of, detail.topic];
    money = globalThis.sales.writer(sales.money);
    if (other) offer();
    show(detail.question ? ask(detail.question) : null);
  });

  form.addEventListener("change", ({ target }) => {
    if (!sales || !form.reportValidity()) return;
    if (["from", "to"].includes(target.name)) offerGrains({ choose: true });
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  part("csv").addEventListener("click", () => {
    const table = document.createElement("table");
    fill(table, COLUMNS, found.map(rowOf));
    save("orders", all("tr", table));
  });
})();
