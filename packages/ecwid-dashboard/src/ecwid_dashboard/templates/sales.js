"use strict";
// All sales of a store: unpacked, chosen by days and filters, and how its days and amounts are written.
globalThis.sales = (() => {
  const DAY = 86_400_000;
  const ANY = "";
  const NOTHING = "\u2013";
  // What an order has one of, and what it has several of.
  const SINGLE = ["country", "channel", "campaign", "device", "coupon"];
  const FILTERS = [...SINGLE, "discount", "reason", "category", "product"];

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

  // A table, as packing.py packs it: readers of its columns by their names.
  function tableOf(bytes) {
    let at = bytes.indexOf(0x0a) + 1;
    const columns = JSON.parse(new TextDecoder().decode(bytes.subarray(0, at)));
    const starts = {};
    for (const [name, length] of Object.entries(columns.texts)) {
      starts[name] = bytes.subarray(at, (at += length));
    }
    const digits = {};
    for (const [name, [length, number]] of Object.entries(columns.numbers)) {
      digits[name] = bytes.subarray(at, (at += length * number));
    }
    function numbers(name) {
      const [length, number, unit, isSigned] = columns.numbers[name];
      const found = new Array(length).fill(0);
      for (let digit = number - 1; digit >= 0; digit -= 1) {
        for (let place = 0; place < length; place += 1) found[place] = found[place] * 100 + digits[name][digit * length + place];
      }
      const signed = (one) => (one % 2 ? -(one + 1) / 2 : one / 2);
      return found.map((one) => unit * (isSigned ? signed(one) : one));
    }
    function steps(name) {
      let sum = 0;
      return numbers(name).map((one) => (sum += one));
    }
    function texts(name) {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(starts[name]);
      let end = 0;
      return numbers(`${name} lengths`).map((length) => text.slice(end, (end += length)));
    }
    function few(name, length) {
      const found = new Array(length).fill(0);
      const amounts = numbers(name);
      steps(`${name} places`).forEach((place, number) => (found[place] = amounts[number]));
      return found;
    }
    function names(name) {
      const different = [null, ...texts(`${name} names`)];
      return numbers(name).map((code) => different[code]);
    }
    return { numbers, steps, texts, few, names };
  }

  // The sales of a table, as orders.py has them; amounts are whole numbers of the smallest unit.
  function salesOf(table, articles) {
    const ids = table.texts("ids");
    const [days, nth, rest] = [table.steps("days"), table.numbers("nth"), table.numbers("rest")];
    const [refunded, off] = [table.few("refunded", ids.length), table.few("off", ids.length)];
    const of = SINGLE.map((name) => [name, table.names(name)]);
    const list = ids.map((id, at) => {
      const sale = { id, day: days[at], gross: rest[at], refunded: refunded[at], net: 0, isFirst: nth[at] === 1, returning: nth[at] === 2 };
      for (const [name, values] of of) sale[name] = values[at];
      return Object.assign(sale, { off: off[at], goods: [], discounts: [], refunds: [] });
    });
    const names = table.texts("articles");
    const [paths, before, known] = [table.names("paths"), table.few("before", names.length), table.numbers("known")];
    names.forEach((name, at) => {
      const article = { name, path: paths[at], product: articles.length - before[at], isKnown: known[at] === 1 };
      articles.push(article);
    });
    const [sold, quantities] = [table.numbers("goods articles"), table.numbers("goods quantities")];
    const returned = table.few("goods returned", sold.length);
    const entries = {
      goods: (at) => ({ article: articles[sold[at]], quantity: quantities[at], returned: returned[at] }),
    };
    for (const part of ["discounts", "refunds"]) {
      const named = table.names(`${part} names`);
      entries[part] = (at) => ({ name: named[at] });
    }
    for (const [part, entry] of Object.entries(entries)) {
      const amounts = table.numbers(`${part} amounts`);
      table.steps(`${part} orders`).forEach((order, at) => list[order][part].push({ ...entry(at), amount: amounts[at] }));
    }
    for (const sale of list) {
      sale.refunded += sum(sale.refunds, "amount");
      sale.off += sum(sale.discounts, "amount");
      sale.gross += sum(sale.goods, "amount") + sale.refunded;
      sale.net = sale.gross - sale.refunded;
    }
    return list;
  }

  const above = (path) => path.split(" > ").map((_, at, names) => names.slice(0, at + 1).join(" > "));
  const different = (values) => [...new Set(values)].filter((one) => one !== null).sort();

  // All that is known of a store: its tables, the first days first, and what is said about them.
  function unpacked({ money, today, carts }, tables) {
    const articles = [];
    const list = tables.flatMap((bytes) => salesOf(tableOf(bytes), articles));
    const options = Object.fromEntries(SINGLE.map((name) => [name, different(list.map((sale) => sale[name]))]));
    // A category includes all below it.
    options.category = different(articles.flatMap(({ path }) => above(path)));
    options.discount = different(list.flatMap(({ discounts }) => discounts.map(({ name }) => name)));
    options.reason = different(list.flatMap(({ refunds }) => refunds.map(({ name }) => name)));
    options.product = different(articles.map(({ name }) => name));
    const starts = [list[0]?.day, carts[0]?.day].filter((day) => day !== undefined);
    return { list, carts, money, options, today: number(today), begin: Math.min(...starts) };
  }

  const isFiltered = (question) => FILTERS.some((name) => question[name] !== ANY);
  const isIn = (category, name) => name === category || name.startsWith(`${category} > `);

  // The reasons of refunds as they are shown: one that occurs only once may be about a person.
  function shownReasons(list, { ONCE, UNLISTED, NONE }) {
    const times = new Map();
    for (const { refunds } of list) for (const { name } of refunds) times.set(name, (times.get(name) ?? 0) + 1);
    return (name) => (times.get(name) > 1 || name === UNLISTED || name === NONE ? name : ONCE);
  }

  // The products that a text stands for: one, two that were bought together, or all that have it in their names.
  function productsOf(text, names) {
    if (names.includes(text)) return { names: [text], isEach: true };
    const parts = text.split(" + ");
    for (let at = 1; at < parts.length; at += 1) {
      const both = [parts.slice(0, at).join(" + "), parts.slice(at).join(" + ")];
      if (both.every((name) => names.includes(name))) return { names: both, isEach: true };
    }
    return { names: names.filter((name) => name.toLowerCase().includes(text.toLowerCase())), isEach: false };
  }

  // The goods of a sale that are asked for; none if one of two products isn't among them.
  function goodsFor({ category, product }, names) {
    const products = product === ANY ? null : productsOf(product, names);
    const known = new Set(products?.names);
    return ({ goods }) => {
      const found = goods.filter(
        ({ article }) => (category === ANY || isIn(category, article.path)) && (products === null || known.has(article.name)),
      );
      const isWhole = !products?.isEach || products.names.every((name) => found.some(({ article }) => article.name === name));
      return isWhole ? found : [];
    };
  }

  const isAboutGoods = ({ category, product }) => category !== ANY || product !== ANY;

  // The sales between two days that fit. If goods are asked for, each has only these, and what they brought as net sales.
  function chosen({ list, options }, question, first, last, noReason) {
    const single = SINGLE.filter((name) => question[name] !== ANY);
    let fitting = list.filter(
      (sale) =>
        sale.day >= first &&
        sale.day <= last &&
        single.every((name) => sale[name] === question[name]) &&
        (question.discount === ANY || sale.discounts.some(({ name }) => name === question.discount)),
    );
    if (question.reason !== ANY) {
      const shown = shownReasons(fitting, noReason);
      fitting = fitting.filter(({ refunds }) => refunds.some(({ name }) => shown(name) === question.reason));
    }
    if (!isAboutGoods(question)) return fitting;
    const goodsOf = goodsFor(question, options.product);
    return fitting.flatMap((sale) => {
      const goods = goodsOf(sale);
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
  return { ANY, NOTHING, FILTERS, days, unpacked, isFiltered, isAboutGoods, shownReasons, chosen, sum, share, rounded, count, counted, percent, writer };
})();
