"use strict";
// All sales of a store: unpacked, chosen by days and filters, and how its days and amounts are written.
globalThis.sales = (() => {
  const DAY = 86_400_000;
  const ANY = "";
  const NOTHING = "\u2013";
  // What an order has one of, and what it has several of.
  const SINGLE = ["country", "channel", "campaign", "device", "coupon"];
  const FILTERS = [...SINGLE, "category", "discount"];

  const text = (day) => new Date(day * DAY).toISOString().slice(0, 10);
  const number = (day) => Math.round(Date.parse(day) / DAY);
  // As Python writes them: browsers disagree about September.
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const monthOf = (day) => MONTHS[new Date(day * DAY).getUTCMonth()];
  const dayOf = (day) => `${new Date(day * DAY).getUTCDate()} ${monthOf(day)}`;
  const written = (day) => `${dayOf(day)} ${new Date(day * DAY).getUTCFullYear()}`;

  function startOf(day, grain) {
    if (grain === "day") return day;
    if (grain === "week") return day - ((new Date(day * DAY).getUTCDay() + 6) % 7);
    return number(`${text(day).slice(0, 8)}01`);
  }

  function after(start, grain) {
    return grain === "day" ? start + 1 : grain === "week" ? start + 7 : startOf(start + 31, "month");
  }

  function yearBefore(day) {
    const [year, ...rest] = text(day).split("-");
    const date = rest.join("-");
    return number(`${String(year - 1).padStart(4, "0")}-${date === "02-29" ? "02-28" : date}`);
  }

  function stepName(start, grain) {
    if (grain === "month") return written(start).replace(/^\d+ /, "");
    return (grain === "week" ? "week of " : "") + written(start);
  }

  const shortName = (start, grain) => (grain === "month" ? monthOf(start) : dayOf(start));

  // As in periods.py: the steps that make sense for so many days, the usual one first.
  function grainsOf(days) {
    const usual = days <= 45 ? "day" : days <= 120 ? "week" : "month";
    const fits = { day: days <= 400, week: days > 14 && days <= 1890, month: days > 60 };
    return [usual, ...Object.keys(fits).filter((grain) => fits[grain] && grain !== usual)];
  }

  const running = (numbers) => {
    let sum = 0;
    return numbers.map((one) => (sum += one));
  };
  // Whole numbers, as orders.py writes them: texts with a digit of each, in base 91 without a backslash.
  function numbers(texts) {
    const found = new Float64Array(texts[0].length);
    texts.forEach((text, place) => {
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        found[at] += (code - (code > 0x5c ? 0x24 : 0x23)) * 91 ** place;
      }
    });
    return Array.from(found, (one) => (one % 2 ? -(one + 1) / 2 : one / 2));
  }

  const named = ({ names, codes }) => numbers(codes).map((code) => (code ? names[code - 1] : null));
  const above = (path) => path.split(" > ").map((_, at, names) => names.slice(0, at + 1).join(" > "));

  // Each sale as an object; amounts are whole numbers of the smallest unit.
  function unpacked({ money, today, first, days, parts, filters, carts, ...columns }) {
    const begin = first === null ? 0 : number(first);
    const of = Object.fromEntries(SINGLE.map((name) => [name, named(filters[name])]));
    const [total, nth] = [numbers(columns.total), numbers(columns.nth)];
    let end = 0;
    const ids = numbers(columns.ids.lengths).map((length) => columns.ids.text.slice(end, (end += length)));
    const list = running(numbers(days)).map((day, at) => {
      const [gross, refunded] = [total[at], columns.refunded[at] ?? 0];
      const sale = { id: ids[at], day: begin + day, gross, refunded, net: gross - refunded };
      for (const name of SINGLE) sale[name] = of[name][at];
      const [isFirst, returning] = [nth[at] === 1, nth[at] === 2];
      return Object.assign(sale, { isFirst, returning, off: columns.discounts[at] ?? 0, goods: [], discounts: [], refunds: [] });
    });
    for (const [part, { orders, names, amounts }] of Object.entries(parts)) {
      const [known, amount] = [named(names), numbers(amounts)];
      running(numbers(orders)).forEach((order, at) => list[order][part].push({ name: known[at], amount: amount[at] }));
    }
    const options = Object.fromEntries(SINGLE.map((name) => [name, filters[name].names]));
    // A category includes all below it.
    options.category = [...new Set(parts.goods.names.names.flatMap(above))].sort();
    options.discount = parts.discounts.names.names;
    const left = carts.days.map((day, at) => ({
      day,
      carts: carts.carts[at],
      amount: carts.amount[at],
      recovered: carts.recovered[at],
      recoveredAmount: carts.recoveredAmount[at],
    }));
    const starts = [list[0]?.day, left[0]?.day].filter((day) => day !== undefined);
    return { list, carts: left, money, options, today: number(today), begin: Math.min(...starts) };
  }

  const isFiltered = (question) => FILTERS.some((name) => question[name] !== ANY);
  const isIn = (category, name) => name === category || name.startsWith(`${category} > `);

  // The sales between two days that fit; with a category, each has only its goods, and what they brought as net sales.
  function chosen({ list }, question, first, last) {
    const single = SINGLE.filter((name) => question[name] !== ANY);
    const fitting = list.filter(
      (sale) =>
        sale.day >= first &&
        sale.day <= last &&
        single.every((name) => sale[name] === question[name]) &&
        (question.discount === ANY || sale.discounts.some(({ name }) => name === question.discount)),
    );
    if (question.category === ANY) return fitting;
    return fitting.flatMap((sale) => {
      const goods = sale.goods.filter(({ name }) => isIn(question.category, name));
      return goods.length ? [{ ...sale, goods, net: sum(goods, "amount") }] : [];
    });
  }

  const sum = (list, name) => list.reduce((whole, one) => whole + one[name], 0);
  const share = (piece, whole) => (whole ? piece / whole : null);

  // Rounded as Python does.
  function rounded(value, digits, more = {}) {
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfEven" };
    return Math.abs(value).toLocaleString("en-US", { ...fixed, ...more });
  }

  const count = (value) => value.toLocaleString("en-US");
  const counted = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;
  const percent = (value) =>
    value === null ? NOTHING : `${value < 0 ? "-" : ""}${rounded(value, 1, { style: "percent", useGrouping: false })}`;

  // How a store writes amounts; ``whole`` leaves out digits that say nothing of large ones.
  function writer({ prefix, suffix, decimals, digits }) {
    const scale = 10 ** digits;
    const write = (value, shown) => {
      if (value === null) return NOTHING;
      const said = rounded(value / scale, shown);
      return `${value < 0 && Number(said.replaceAll(",", "")) ? "\u2212" : ""}${prefix}${said}${suffix}`;
    };
    return {
      prefix,
      suffix,
      scale,
      amount: (value) => write(value, decimals),
      whole: (value) => write(value, Math.abs(value) >= 1000 * scale ? 0 : decimals),
    };
  }

  const days = { text, number, written, startOf, after, yearBefore, stepName, shortName, grainsOf };
  return { ANY, NOTHING, FILTERS, days, unpacked, isFiltered, chosen, sum, share, rounded, count, counted, percent, writer };
})();
