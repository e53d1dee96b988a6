"use strict";
// What is shown first is HTML already. This draws its charts, and shows other parts.
globalThis.dashboard = (() => {
  const root = document.documentElement;
  const controls = document.getElementById("controls");
  const main = document.getElementById("content");
  const status = document.getElementById("status");
  const asked = document.getElementById("asked");
  const charts = {};
  // What the cards have in common with those of any days (``orders.js``).
  const about = {};
  let isReady = false;
  const ANY_DAYS = "any";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // Of a sheet of paper, in pixels: a wide chart, and one beside another.
  const PAPER = { wide: 668, half: 315 };

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const shown = (element) => element.offsetParent !== null;

  async function unpack(id) {
    const signs = atob(document.getElementById(id).textContent);
    const bytes = new Uint8Array(signs.length);
    for (let at = 0; at < signs.length; at += 1) bytes[at] = signs.charCodeAt(at);
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(unpacked);
  }

  function coloured(spec) {
    const { data, layout } = structuredClone(spec);
    const ink = css("--ink");
    const quiet = css("--quiet-ink");
    const line = css("--line");
    for (const trace of data) {
      const colour = css(`--chart-${trace.meta.colour}`);
      if (trace.type === "bar") {
        Object.assign(trace.marker, { color: colour });
        trace.textfont = { color: ink, size: 13 };
      } else {
        trace.line.color = colour;
        trace.marker = { color: colour, size: trace.x.length > 60 ? 4 : 7 };
      }
    }
    const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickfont: { color: quiet } };
    Object.assign(layout.xaxis, axis, { showgrid: false, automargin: true });
    Object.assign(layout.yaxis, axis, { automargin: true });
    if (layout.yaxis.ticktext) Object.assign(layout.yaxis, { tickfont: { color: ink }, zeroline: false });
    Object.assign(layout, {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: css("--sans"), size: 13, color: quiet },
      hoverlabel: { bgcolor: css("--card"), bordercolor: line, font: { color: ink } },
      barcornerradius: 3,
    });
    return { data, layout };
  }

  function draw(place, paper) {
    const spec = charts[place.id];
    const { data, layout } = coloured(spec);
    const ranking = place.classList.contains("ranking");
    const wide = place.closest(".wide") !== null;
    layout.height = ranking ? 34 * data[0].y.length + (data.length > 1 ? 46 : 16) : wide ? 320 : 250;
    if (!ranking) {
      const room = paper ? PAPER[wide ? "wide" : "half"] : place.clientWidth;
      const each = Math.ceil(layout.xaxis.tickvals.length / (room / 75));
      const kept = (_, index) => index % each === 0;
      const tickvals = layout.xaxis.tickvals.filter(kept);
      const year = (index) => tickvals[index]?.slice(0, 4);
      // The year stands where it changes.
      const ticktext = layout.xaxis.ticktext
        .filter(kept)
        .map((text, index) => (year(index) === year(index - 1) ? text : `${text}<br>${year(index)}`));
      Object.assign(layout.xaxis, { tickmode: "array", tickvals, ticktext, tickangle: 0 });
    } else {
      // Room for the texts at the bars' ends.
      const longest = Math.max(...data.flatMap((trace) => trace.x)) || 1;
      const narrow = layout.yaxis.ticktext.some((text) => text.length > 24) ? 3.2 : 2;
      layout.xaxis.range = [0, longest * (paper ? 1.8 : place.clientWidth < 460 ? narrow : 1.3)];
      if (paper) {
        layout.yaxis.tickfont.size = 10;
        for (const trace of data) trace.textfont.size = 10;
      }
    }
    if (paper) Object.assign(layout, { width: PAPER[wide ? "wide" : "half"], autosize: false });
    Plotly.react(place, data, layout, {
      displayModeBar: false,
      responsive: !paper,
      scrollZoom: false,
      doubleClick: false,
      showTips: false,
    });
    if (place.followed || !(place.dataset.by || place.dataset.grain)) return;
    place.followed = true;
    place.on("plotly_click", ({ points: [{ x, customdata }] }) => ask(place.dataset, x, customdata));
  }

  // What a bar stands for, as a question for orders.
  function ask({ by, grain, first, last }, x, name) {
    const question = { first, last, grain };
    if (by) question[by] = new DOMParser().parseFromString(name, "text/html").body.textContent;
    else question.only = x.slice(0, 10);
    toOrders(question);
  }

  function toOrders(question) {
    const topic = controls.querySelector("input[name=topic][value=Orders]");
    topic.checked = true;
    show(false, question);
    topic.focus();
    scrollTo(0, 0);
  }

  function drawShown(paper) {
    all(".chart").filter((place) => shown(place) && charts[place.id]).forEach((place) => draw(place, paper));
  }

  function value(name) {
    return controls.querySelector(`input[name=${name}]:checked`)?.value ?? null;
  }

  // Parts of the page by store and period: what was shown is an element, what wasn't is its HTML.
  const views = {};
  for (const view of all(".view")) views[`${view.dataset.store} ${view.dataset.period ?? ""}`] = view;
  const store = () => document.getElementById("store")?.value ?? main.querySelector(".view").dataset.store;

  function viewOf(key) {
    if (typeof views[key] === "string") {
      const template = document.createElement("template");
      template.innerHTML = views[key];
      views[key] = template.content.firstElementChild;
    }
    return views[key];
  }

  function show(periodChanged, question = null) {
    const topic = value("topic");
    const isAny = value("period") === ANY_DAYS;
    const view = viewOf(`${store()} ${isAny ? "all" : value("period")}`) ?? viewOf(`${store()} `);
    for (const element of all(".brand [data-store]")) element.hidden = element.dataset.store !== store();
    if (main.firstElementChild !== view) main.firstElementChild.replaceWith(view);
    const grains = (view.dataset.grains ?? "").split(" ");
    for (const input of all("input[name=grain]", controls)) {
      input.disabled = !grains.includes(input.value);
      if (periodChanged) input.checked = input.value === grains[0];
    }
    const isAsked = (isAny || topic === "Orders") && view.dataset.period !== undefined;
    view.hidden = isAsked;
    asked.hidden = !isAsked;
    const [, periods, steps] = all("fieldset", controls);
    if (periods) [periods.hidden, steps.hidden] = [topic === "Orders", isAsked];
    for (const part of all("[data-topic]", view)) part.hidden = part.dataset.topic !== topic;
    const grain = value("grain");
    for (const part of all("[data-grain]", view)) {
      part.hidden = Boolean(part.dataset.grain) && part.dataset.grain !== grain;
    }
    if (!isAsked) {
      drawShown();
      tell();
    } else if (isReady) document.dispatchEvent(new CustomEvent("asked", { detail: { store: store(), topic, question } }));
  }

  function tell() {
    const title = all("h2", main).find(shown).textContent;
    const [topic, grain] = [value("topic"), value("grain")];
    status.textContent = grain && shown(main.querySelector(".view")) ? `${topic}. ${title}, by ${grain}` : title;
  }

  controls.addEventListener("change", (event) => {
    show(!["grain", "topic"].includes(event.target.name));
  });
  // Amounts and counts become numbers that programs read; a text that could be a formula, a text.
  function csvField(cell) {
    const text = cell.textContent.trim();
    const number = text.replaceAll(",", "").match(/^(\u2212?)[^\d\u2212%]*(\d+(?:\.\d+)?)[^\d%]*$/u);
    if (cell.tagName === "TD" && number) return (number[1] ? "-" : "") + number[2];
    return `"${text.replace(/^(?=[=+\-@])/, "'").replaceAll('"', '""')}"`;
  }

  function save(name, rows) {
    const text = rows.map((row) => [...row.cells].map(csvField).join(",")).join("\r\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }));
    link.download = `${name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  document.addEventListener("click", (event) => {
    const table = event.target.closest(".csv")?.closest("details");
    if (table) save(event.target.dataset.name, all("tr", table));
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  dark.addEventListener("change", () => drawShown());
  addEventListener("beforeprint", () => {
    root.dataset.paper = "";
    drawShown(true);
  });
  addEventListener("afterprint", () => {
    delete root.dataset.paper;
    drawShown();
  });
  (async () => {
    for (const id of ["plotly", "scripts"]) {
      const script = document.createElement("script");
      script.textContent = await (await unpack(id)).text();
      document.head.append(script);
    }
    const rest = await (await unpack("rest")).json();
    Object.assign(charts, rest.charts);
    Object.assign(about, rest.about);
    for (const [key, html] of Object.entries(rest.views)) views[key] ??= html;
    isReady = true;
    show(true);
    root.dataset.ready = "";
  })().catch((error) => {
    status.className = "notice";
    status.textContent = `The charts can't be shown (${error.message}): open the page in a newer browser.`;
  });
  return { unpack, about, charts, draw, all, save, tell, toOrders };
})();
