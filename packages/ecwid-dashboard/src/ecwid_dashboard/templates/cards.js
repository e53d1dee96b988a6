"use strict";
// Cards of any days and filters, by the keys of the cards in Python, whose figures they give.
globalThis.cards = (() => {
  const { about } = globalThis.dashboard;
  const { days, sum, share, rounded, count, counted, percent, shownReasons } = globalThis.sales;
  const { text } = days;
  const escaped = (name) => name.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

  function overTime({ steps, grain, money }, series, line = false) {
    const x = steps.map(({ start }) => text(start));
    const scaled = ({ values }) => values.map((value) => (value === null ? null : value / money.scale));
    const data = series.map((one) => ({
      x,
      y: scaled(one),
      name: one.name,
      meta: { colour: one.colour },
      customdata: one.values.map(money.amount),
      hovertemplate: "%{customdata}",
      ...(line
        ? { type: "scatter", mode: "lines+markers", line: { width: 2.5 } }
        : { type: "bar", marker: { opacity: steps.map(({ whole }) => (whole ? 1 : about.charts.pale)), line: { width: 0 } } }),
    }));
    const largest = Math.max(0, ...x.map((_, at) => data.reduce((tall, { y }) => tall + (y[at] ?? 0), 0)));
    const xaxis = { type: "date", tickvals: x, ticktext: steps.map(({ short }) => short), hoverformat: about.charts.hover[grain], fixedrange: true };
    const tickformat = largest >= 10_000 ? "~s" : largest >= 10 ? ",.0f" : ",.2f";
    const signs = { tickprefix: escaped(money.prefix), ticksuffix: escaped(money.suffix) };
    const yaxis = { rangemode: "tozero", tickformat, nticks: 6, ...signs, fixedrange: true };
    return { data, layout: { ...about.charts.layout, hovermode: "x unified", barmode: "stack", showlegend: series.length > 1, xaxis, yaxis } };
  }

  // Signs of any alphabet count once.
  const length = (name) => [...name].length;
  const cut = (name, longest) =>
    length(name) <= longest ? name : `${[...name].slice(0, longest - 1).join("").trimEnd()}\u2026`;

  // As in charts.py: of two products, both are kept as far as possible, and of options.
  function shortened(name) {
    if (length(name) <= 30) return name;
    const plus = name.indexOf(" + ");
    if (plus >= 0) return `${cut(name.slice(0, plus), 13)} + ${cut(name.slice(plus + 3), 13)}`;
    const dash = name.lastIndexOf(" \u2013 ");
    if (dash < 0) return cut(name, 30);
    const options = cut(name.slice(dash + 3), 14);
    return `${cut(name.slice(0, dash), 27 - length(options))} \u2013 ${options}`;
  }

  // Bars, the first on top. A bar's value is what stands for it as a filter.
  function ranking(bars, { title, colour, scale, write }) {
    const places = bars.map((_, at) => at);
    const data = [{
      type: "bar",
      orientation: "h",
      x: bars.map(({ amount }) => amount / scale),
      y: places,
      name: title,
      meta: { colour },
      text: bars.map(({ amount }) => write(amount)),
      textposition: "outside",
      cliponaxis: false,
      // Plotly reads markup: names are given as text.
      customdata: bars.map(({ name }) => escaped(name)),
      hovertemplate: "%{customdata}: %{text}<extra></extra>",
      marker: { line: { width: 0 } },
    }];
    const ticktext = bars.map(({ name }) => escaped(shortened(name)));
    const yaxis = { tickvals: places, ticktext, autorange: "reversed", fixedrange: true, showgrid: false, automargin: true };
    const xaxis = { fixedrange: true, visible: false };
    const layout = { ...about.charts.layout, barmode: "overlay", hovermode: "closest", showlegend: false, xaxis, yaxis };
    return { data, layout, values: bars.map(({ value }) => value) };
  }

  const capital = (name) => name[0].toUpperCase() + name.slice(1);

  // A row for each step with something in it, the last one first.
  function stepRows({ steps }, has, cells) {
    return steps.filter(({ some }) => has(some)).reverse().map((step) => [step, ...cells(step.some)]);
  }

  const some = (list) => list.length > 0;
  const values = ({ steps }, of) => steps.map((step) => of(step.some));
  const net = (list) => sum(list, "net");
  const refunded = (list) => sum(list, "refunded");
  const orderValue = (list) => share(net(list), list.length);
  const OF_GOODS = "With a category or a product, net sales are those of its goods: without tax and shipping, after discounts and refunds.";

  function sales(asked) {
    const { list, grain, goods, money, steps } = asked;
    const best = steps.reduce((most, step) => (net(step.some) > net(most.some) ? step : most));
    const began = grain === "week" ? "began on" : "was";
    const peak = ` The best ${grain} ${began} ${best.name.replace("week of ", "")}: ${money.whole(net(best.some))}.`;
    const kept = { name: "Net sales", colour: "main", values: values(asked, net) };
    const back = { name: "Refunded", colour: "lost", values: values(asked, refunded) };
    const cells = goods
      ? (of) => [count(of.length), money.amount(net(of))]
      : (of) => [count(of.length), money.amount(sum(of, "gross")), money.amount(refunded(of)), money.amount(net(of))];
    return {
      finding: `Net sales were ${money.whole(net(list))}, from ${counted(list.length, "order")}.${net(best.some) ? peak : ""}`,
      note: goods ? OF_GOODS : null,
      chart: overTime(asked, goods ? [kept] : [kept, back]),
      columns: [capital(grain), "Orders", ...(goods ? [] : ["Gross sales", "Refunded"]), "Net sales"],
      rows: stepRows(asked, some, cells),
    };
  }

  function orderValues(asked) {
    const { list, grain, money, goods } = asked;
    return {
      finding: `An order was worth ${money.amount(orderValue(list))} on average.`,
      more: goods ? ` ${OF_GOODS}` : "",
      chart: overTime(asked, [{ name: "Average order value", colour: "main", values: values(asked, orderValue) }], true),
      columns: [capital(grain), "Orders", "Average order value"],
      rows: stepRows(asked, some, (of) => [count(of.length), money.amount(orderValue(of))]),
    };
  }

  const NOT_OF_GOODS = "Refunds are of whole orders: choose all categories and products to see them.";

  function refunds(asked) {
    const { list, grain, money, goods } = asked;
    if (goods) return { finding: NOT_OF_GOODS };
    const back = (of) => of.filter((one) => one.refunded > 0).length;
    if (!back(list)) return { finding: "Nothing was paid back." };
    const rate = (of) => percent(share(refunded(of), sum(of, "gross")));
    return {
      finding: `${money.whole(refunded(list))} was paid back for ${counted(back(list), "order")}. That is ${rate(list)} of gross sales.`,
      chart: overTime(asked, [{ name: "Refunded", colour: "lost", values: values(asked, refunded) }]),
      columns: [capital(grain), "Orders with a refund", "Refunded", "Of gross sales"],
      rows: stepRows(asked, back, (of) => [count(back(of)), money.amount(refunded(of)), rate(of)]),
    };
  }

  function returning(asked) {
    const { list, grain, money, goods } = asked;
    const back = (of) => of.filter((one) => one.returning);
    const old = (of) => net(back(of));
    const fresh = (of) => net(of) - old(of);
    const part = (of) => percent(share(old(of), net(of)));
    const bars = [
      { name: "Returning", colour: "main", values: values(asked, old) },
      { name: "New", colour: "second", values: values(asked, fresh) },
    ];
    const number = `${count(back(list).length)} of ${count(list.length)} orders`;
    return {
      finding: `${part(list)} of net sales came from customers who had bought before: ${number}.`,
      more: goods ? ` ${OF_GOODS}` : "",
      chart: overTime(asked, bars),
      columns: [capital(grain), "Returning", "New", "Share of net sales", "Share of orders"],
      rows: stepRows(asked, some, (of) => [
        ...[money.amount(old(of)), money.amount(fresh(of))],
        ...[part(of), percent(share(back(of).length, of.length))],
      ]),
    };
  }

  function carts(asked) {
    const { carts: left, grain, money, filtered } = asked;
    if (filtered) return { finding: "Carts aren't orders yet: choose no filter to see them." };
    if (!left.length) return { finding: "No cart was left." };
    const back = (of) => sum(of, "recoveredAmount");
    const gone = (of) => sum(of, "amount") - back(of);
    const [number, recovered] = [sum(left, "carts"), sum(left, "recovered")];
    const later = recovered
      ? `${count(recovered)} of them (${percent(share(recovered, number))}), worth ${money.whole(back(left))}, became orders later.`
      : "None of them has become an order so far.";
    const steps = asked.steps.map((step) => ({ ...step, some: step.carts }));
    const bars = [
      { name: "Recovered", colour: "good", values: steps.map((step) => back(step.some)) },
      { name: "Not recovered", colour: "quiet", values: steps.map((step) => gone(step.some)) },
    ];
    return {
      finding: `${counted(number, "cart was", "carts were")} left, worth ${money.whole(sum(left, "amount"))}. ${later}`,
      chart: overTime(asked, bars),
      columns: [capital(grain), "Carts", "Worth", "Recovered", "Recovered share"],
      rows: stepRows({ steps }, some, (of) => [
        ...[count(sum(of, "carts")), money.amount(sum(of, "amount")), money.amount(back(of))],
        percent(share(back(of), sum(of, "amount"))),
      ]),
    };
  }

  // What sales have by name, the largest first; pairs of a name and what counts for it.
  function parts(pairs) {
    const found = new Map();
    for (const [name, amount, { isFirst = false, off = 0 } = {}] of pairs) {
      if (name === null) continue;
      const one = found.get(name) ?? { name, orders: 0, amount: 0, firsts: 0, off: 0 };
      one.orders += 1;
      one.amount += amount;
      one.firsts += isFirst;
      one.off += off;
      found.set(name, one);
    }
    return [...found.values()].sort(byAmount);
  }

  function ranked({ money }, found, { columns: [name, amount, ofAll], finding, firsts = false, colour = "main", nothing }) {
    if (!found.length) return { finding: nothing };
    const bars = found.map((one) => ({ ...one, value: one.name, name: capital(one.name) }));
    const total = sum(bars, "amount");
    return {
      finding: finding(bars[0], total),
      chart: ranking(bars.filter((one) => one.amount).slice(0, 10), { title: amount, colour, scale: money.scale, write: money.whole }),
      columns: [name, "Orders", amount, ...(firsts ? ["First orders"] : []), ofAll],
      rows: bars.slice(0, 100).map((one) => [
        ...[one, count(one.orders), money.amount(one.amount)],
        ...(firsts ? [percent(share(one.firsts, one.orders))] : []),
        percent(share(one.amount, total)),
      ]),
    };
  }

  const origin = (by, column, nothing) => (asked) =>
    ranked(asked, parts(asked.list.map((sale) => [sale[by], sale.net, sale])), {
      columns: [column, "Net sales", "Share of these sales"],
      finding: (best, total) =>
        `${best.name} brought the most: ${asked.money.whole(best.amount)}, ${percent(share(best.amount, total))} of these sales.`,
      firsts: true,
      nothing,
    });

  // What an order has of each category, together.
  function byCategory({ goods }) {
    const amounts = new Map();
    for (const { article, amount } of goods) amounts.set(article.path, (amounts.get(article.path) ?? 0) + amount);
    return [...amounts];
  }

  const categories = (asked) =>
    ranked(asked, parts(asked.list.flatMap(byCategory)), {
      columns: ["Category", "Net sales of goods", "Share of all"],
      finding: (best, total) =>
        `${best.name} brought the most: ${asked.money.whole(best.amount)}, ${percent(share(best.amount, total))} of what all categories made.`,
      nothing: "Nothing was sold.",
    });

  const byAmount = (one, other) => other.amount - one.amount || (one.name < other.name ? -1 : 1);

  function bestSellers({ list, money }) {
    const found = new Map();
    for (const { goods } of list) {
      for (const { article, quantity, returned, amount } of goods) {
        const one = found.get(article.product) ?? { name: article.name, value: article.name, units: 0, returned: 0, amount: 0 };
        one.units += quantity;
        one.returned += returned;
        one.amount += amount;
        found.set(article.product, one);
      }
    }
    const sellers = [...found.values()].sort(byAmount);
    if (!sellers.length) return { finding: "Nothing was sold." };
    const first = sellers.slice(0, 10);
    const total = sum(sellers, "amount");
    const part = (amount) => percent(share(amount, total));
    const [best] = first;
    const more = ` The first 10 of ${count(sellers.length)} made ${part(sum(first, "amount"))}.`;
    return {
      finding:
        `${best.name} sold best: ${money.whole(best.amount)} from ${counted(best.units, "unit")}, ` +
        `${part(best.amount)} of what all products made.${sellers.length > 10 ? more : ""}`,
      chart: ranking(first, { title: "Net sales of goods", colour: "main", scale: money.scale, write: money.whole }),
      columns: ["Product", "Units", "Returned", "Net sales of goods", "Share of all"],
      rows: first.map((one) => [one, count(one.units), count(one.returned), money.amount(one.amount), part(one.amount)]),
    };
  }

  function pairs({ list }) {
    const [alone, together, names] = [new Map(), new Map(), new Map()];
    let orders = 0;
    for (const { goods } of list) {
      const products = [...new Set(goods.filter(({ article }) => article.isKnown).map(({ article }) => article.product))];
      for (const { article } of goods) names.set(article.product, article.name);
      products.sort((one, other) => one - other);
      orders += products.length > 0;
      products.forEach((one, at) => {
        alone.set(one, (alone.get(one) ?? 0) + 1);
        for (const other of products.slice(at + 1)) {
          // A number for two numbers.
          const key = one * 2 ** 26 + other;
          together.set(key, (together.get(key) ?? 0) + 1);
        }
      });
    }
    const found = [...together].filter(([, amount]) => amount > 1).map(([key, amount]) => {
      const [one, other] = [Math.floor(key / 2 ** 26), key % 2 ** 26];
      const both = [names.get(one), names.get(other)].sort();
      const name = both.join(" + ");
      return { name, value: name, both, amount, lift: (amount * orders) / (alone.get(one) * alone.get(other)) };
    });
    if (!found.length) return { finding: "No two products were bought together more than once." };
    found.sort((one, other) => other.amount - one.amount || other.lift - one.lift || byAmount(one, other));
    const [best] = found;
    const times = (lift) => `${rounded(lift, 1, { useGrouping: false })}\u00d7`;
    return {
      finding: `${best.both.join(" and ")} were bought together most often: in ${counted(best.amount, "order")}.`,
      note: "The lift says how many times more often than by chance.",
      chart: ranking(found.slice(0, 10), { title: "Orders", colour: "main", scale: 1, write: (orders) => counted(orders, "order") }),
      columns: ["Products", "Orders", "Lift"],
      rows: found.slice(0, 30).map((one) => [one, count(one.amount), times(one.lift)]),
    };
  }

  const discounts = (asked) =>
    ranked(asked, parts(asked.list.flatMap((sale) => sale.discounts.map(({ name, amount }) => [name, amount]))), {
      columns: ["Discount", "Amount", "Share of all"],
      finding: (best, total) =>
        `${asked.money.whole(total)} was given as discounts, most of it for ${best.value}: ${asked.money.whole(best.amount)}.`,
      nothing: "No discount was given.",
    });

  function coupons({ list, money }) {
    const found = parts(list.map((sale) => [sale.coupon, sale.net, sale])).map((one) => ({ ...one, value: one.name }));
    if (!found.length) return { finding: "No order came with a coupon." };
    const amount = sum(found, "amount");
    return {
      finding:
        `${counted(sum(found, "orders"), "order")} came with a coupon: ${money.whole(amount)}, ${percent(share(amount, net(list)))}` +
        ` of net sales. ${found[0].name} brought the most: ${money.whole(found[0].amount)}.`,
      chart: ranking(found.slice(0, 8), { title: "Net sales", colour: "main", scale: money.scale, write: money.whole }),
      columns: ["Coupon", "Orders", "Discounts", "Net sales"],
      rows: found.map((one) => [one, count(one.orders), money.amount(one.off), money.amount(one.amount)]),
    };
  }

  function reasons({ list, money, goods, noReason }) {
    if (goods) return { finding: NOT_OF_GOODS };
    const shown = shownReasons(list, noReason);
    const named = parts(list.flatMap(({ refunds }) => refunds.map(({ name, amount }) => [shown(name), amount])));
    if (!named.length) return { finding: "Nothing was paid back." };
    const bars = named.map((one) => ({ ...one, value: one.name, orders: one.name === noReason.UNLISTED ? 0 : one.orders }));
    bars.sort((one, other) => other.amount - one.amount);
    const total = sum(bars, "amount");
    const first = bars.find(({ orders }) => orders);
    return {
      finding: first
        ? `Most was paid back for: ${first.name} (${money.whole(first.amount)} in ${counted(first.orders, "refund")}, ${percent(share(first.amount, total))} of all).`
        : "No order lists a refund.",
      chart: ranking(bars.slice(0, 8), { title: "Refunded", colour: "lost", scale: money.scale, write: money.whole }),
      columns: ["Reason", "Refunds", "Refunded", "Share of all"],
      rows: bars.map((one) => [one, count(one.orders), money.amount(one.amount), percent(share(one.amount, total))]),
    };
  }

  const computed = {
    sales,
    "order-value": orderValues,
    refunds,
    carts,
    reasons,
    returning,
    "best-sellers": bestSellers,
    categories,
    pairs,
    channels: origin("channel", "Channel", "Nothing was sold."),
    campaigns: origin("campaign", "Campaign", "No order names a campaign."),
    countries: origin("country", "Country", "No order has a country."),
    devices: origin("device", "Device", "No order says on which device it was made."),
    discounts,
    coupons,
  };

  // The steps through the days, each with its sales and carts.
  function stepsOf({ first, last, grain }, list, carts, today) {
    const steps = [];
    for (let start = days.startOf(first, grain), end; start <= last; start = end) {
      end = days.after(start, grain);
      const short = days.shortName(start, grain);
      const whole = start >= first && end <= last + 1 && end <= today;
      steps.push({ start, value: start, name: days.stepName(start, grain), short, whole, some: [], carts: [] });
    }
    const by = new Map(steps.map((step) => [step.start, step]));
    for (const sale of list) by.get(days.startOf(sale.day, grain)).some.push(sale);
    for (const day of carts) by.get(days.startOf(day.day, grain)).carts.push(day);
    return steps;
  }

  return { computed, stepsOf };
})();
