"use strict";
(() => {
  const BLOCK = 40; // changes that are drawn together
  const ROW = 130; // pixels of a change that wasn't drawn yet
  const PRINTED = 1000;
  const MOST_WORDS = 400;
  const { about, entries } = JSON.parse(document.getElementById("plan").textContent);
  const at = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en");
  const words = (name) => name.replaceAll("_", " ");

  function element(name, text, kind) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  // Differences, word by word.

  function split(text) {
    return text.match(/\s+|\d+(?:\.\d+)?|[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) || [];
  }

  /** Whether each word of two lists is in the other at the same place of their order. */
  function common(had, has) {
    const kept = [new Array(had.length).fill(false), new Array(has.length).fill(false)];
    let begin = 0;
    let end = 0;
    while (begin < had.length && begin < has.length && had[begin] === has[begin]) {
      kept[0][begin] = kept[1][begin] = true;
      begin += 1;
    }
    while (end < had.length - begin && end < has.length - begin
      && had[had.length - 1 - end] === has[has.length - 1 - end]) {
      kept[0][had.length - 1 - end] = kept[1][has.length - 1 - end] = true;
      end += 1;
    }
    const rows = had.length - begin - end;
    const columns = has.length - begin - end;
    if (!rows || !columns || rows > MOST_WORDS || columns > MOST_WORDS) return kept;
    const longest = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
    for (let a = rows - 1; a >= 0; a -= 1)
      for (let b = columns - 1; b >= 0; b -= 1)
        longest[a][b] = had[begin + a] === has[begin + b]
          ? longest[a + 1][b + 1] + 1
          : Math.max(longest[a + 1][b], longest[a][b + 1]);
    for (let a = 0, b = 0; a < rows && b < columns;) {
      if (had[begin + a] === has[begin + b]) {
        kept[0][begin + a] = kept[1][begin + b] = true;
        a += 1;
        b += 1;
      } else if (longest[a + 1][b] >= longest[a][b + 1]) a += 1;
      else b += 1;
    }
    return kept;
  }

  function marked(place, list, kept, name) {
    for (let begin = 0, end = 0; begin < list.length; begin = end) {
      while (end < list.length && kept[end] === kept[begin]) end += 1;
      const text = list.slice(begin, end).join("");
      place.append(kept[begin] ? text : element(name, text));
    }
  }

  // One change.

  const ADDRESS = /^https?:\/\/[^\s"'<>]+$/i;
  const PICTURE = /\.(jpe?g|png|gif|webp|avif)([?#]|$)/i;
  const OF_PICTURES = /picture|image|photo|thumbnail|logo/i;

  function picture(field, value, what) {
    if (!value || !ADDRESS.test(value)) return [];
    if (!PICTURE.test(value) && !OF_PICTURES.test(field)) return [];
    const image = element("img");
    image.alt = `${what} picture`;
    image.loading = "lazy";
    image.decoding = "async";
    image.referrerPolicy = "no-referrer";
    if (at("pictures").checked) image.src = value;
    return [image];
  }

  function drawField([name, before, after, lost]) {
    const field = element("div", undefined, "field");
    const had = element("dd", undefined, "before");
    const has = element("dd", undefined, "after");
    field.append(element("dt", name), had, has);
    had.append(...picture(name, before, "previous"));
    has.append(...picture(name, after, "new"));
    if (before === null) has.append(after);
    else {
      const lists = [split(before), split(after)];
      const kept = common(...lists);
      marked(had, lists[0], kept[0], "del");
      marked(has, lists[1], kept[1], "ins");
      if (!after && !lost) has.append("(nothing)");
    }
    if (lost) field.append(element("dd", `loses ${lost.join(", ")}`, "lost"));
    return field;
  }

  function draw(index, place, total) {
    const entry = entries[index];
    const article = element("article");
    const title = element("h3");
    title.id = `change-${index + 1}`;
    const kind = about.kinds[entry.k];
    title.append(element("span", kind, `kind ${kind}`), ` ${entry.o} ${entry.n}`);
    article.setAttribute("aria-labelledby", title.id);
    article.setAttribute("aria-posinset", place + 1);
    article.setAttribute("aria-setsize", total);
    const id = entry.i ? `id ${entry.i}, ` : "";
    article.append(title, element("p", `${id}stream ${entry.s}, record ${number(entry.r)}`, "about"));
    for (const [, message] of entry.w || []) article.append(element("p", `⚠ ${message}`, "finding"));
    if (entry.m) article.append(element("p", entry.m, "why"));
    if (entry.f) {
      const list = element("dl");
      list.append(...entry.f.map(drawField));
      article.append(list);
    }
    if (entry.x) article.append(element("p", `… and ${number(entry.x)} more fields`, "about"));
    return article;
  }

  // The list: what is near the window is drawn, all else keeps its place.

  let found = [];

  function fill(block) {
    if (block.childElementCount) return;
    const begin = Number(block.dataset.begin);
    const some = found.slice(begin, begin + BLOCK);
    block.append(...some.map((index, n) => draw(index, begin + n, found.length)));
    block.style.height = "";
  }

  function empty(block) {
    if (!block.childElementCount) return;
    block.style.height = `${block.getBoundingClientRect().height}px`;
    block.replaceChildren();
  }

  const watcher = new IntersectionObserver(
    (seen) => seen.forEach((one) => (one.isIntersecting ? fill(one.target) : empty(one.target))),
    { rootMargin: "1200px" },
  );

  function list() {
    watcher.disconnect();
    const blocks = [];
    for (let begin = 0; begin < found.length; begin += BLOCK) {
      const block = element("div");
      block.dataset.begin = begin;
      block.style.height = `${ROW * Math.min(BLOCK, found.length - begin)}px`;
      blocks.push(block);
    }
    at("changes").replaceChildren(...blocks);
    if (blocks.length) fill(blocks[0]);
    blocks.forEach((block) => watcher.observe(block));
    const all = entries.length;
    at("shown").textContent = found.length === all
      ? `${number(all)} change${all === 1 ? "" : "s"}`
      : `${number(found.length)} of ${number(all)} changes`;
  }

  function print() {
    watcher.disconnect();
    [...at("changes").children].slice(0, PRINTED / BLOCK).forEach(fill);
    [...at("changes").children].slice(PRINTED / BLOCK).forEach((block) => { block.hidden = true; });
    if (found.length > PRINTED)
      at("shown").textContent += `; the first ${number(PRINTED)} are printed`;
  }

  // Search and filters.

  const texts = new Array(entries.length);

  function textOf(index) {
    if (texts[index] === undefined) {
      const { n, i, s, m, f, w } = entries[index];
      texts[index] = [n, i, s, m, ...(f || []).flat(2), ...(w || []).flat()]
        .filter(Boolean).join("\n").toLowerCase();
    }
    return texts[index];
  }

  function filter() {
    const [entity, kind, warning] = ["entity", "kind", "warning"].map((id) => at(id).value);
    const wanted = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    found = [];
    entries.forEach((entry, index) => {
      if (entity && entry.e !== entity) return;
      if (kind && about.kinds[entry.k] !== kind) return;
      if (warning && !(entry.w || []).some(([name]) => warning === "*" || name === warning)) return;
      if (wanted.every((word) => textOf(index).includes(word))) found.push(index);
    });
    list();
  }

  function choice(id, value, text) {
    const option = element("option", text);
    option.value = value;
    at(id).append(option);
  }

  // The page.

  at("heading").textContent = about.heading;
  at("warnings").hidden = !about.warned.length;
  for (const warned of about.warned) {
    const item = element("li");
    const button = element("button", warned.message);
    button.type = "button";
    // What is said of a kind of objects belongs to no single change.
    if (warned.kind !== "gone")
      button.addEventListener("click", () => {
        at("warning").value = warned.kind;
        filter();
        at("changes-title").scrollIntoView();
      });
    else button.addEventListener("click", () => {
      at("kind").value = entries.some((one) => about.kinds[one.k] === "deleted") ? "deleted" : "disabled";
      filter();
      at("changes-title").scrollIntoView();
    });
    const examples = element("ul");
    examples.append(...warned.examples.slice(0, 5).map((text) => element("li", text)));
    if (warned.count > 5) examples.append(element("li", `… and ${number(warned.count - 5)} more`));
    item.append(button, examples);
    at("warned").append(item);
  }
  const counts = Object.entries(about.counts);
  const columns = about.counted.filter((name) => counts.some(([, count]) => count[name]));
  const head = element("tr");
  head.append(...["stream", ...columns].map((name) => {
    const cell = element("th", name);
    cell.scope = "col";
    return cell;
  }));
  const body = element("tbody");
  for (const [stream, count] of counts) {
    const row = element("tr");
    const name = element("th", stream);
    name.scope = "row";
    row.append(name, ...columns.map((column) => element("td", number(count[column]))));
    body.append(row);
  }
  const top = element("thead");
  top.append(head);
  at("counts").append(top, body);
  [...new Set(entries.map((entry) => entry.e))].sort().forEach((name) => choice("entity", name, words(name)));
  const there = new Set(entries.map((entry) => entry.k));
  about.kinds.forEach((name, index) => there.has(index) && choice("kind", name, name));
  about.warned.filter((one) => one.kind !== "gone")
    .forEach((one) => choice("warning", one.kind, about.looked[one.kind]));
  let waiting;
  at("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  ["entity", "kind", "warning"].forEach((id) => at(id).addEventListener("change", filter));
  at("pictures").addEventListener("change", () => {
    at("changes").classList.toggle("no-pictures", !at("pictures").checked);
    list();
  });
  addEventListener("beforeprint", print);
  addEventListener("afterprint", list);
  filter();
})();
