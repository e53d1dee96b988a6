"use strict";
// What is on the page is HTML already. This draws the charts of what is shown, and shows other parts.
(() => {
  const root = document.documentElement;
  const controls = document.getElementById("controls");
  const main = document.getElementById("content");
  const status = document.getElementById("status");
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // Of a sheet of paper, in pixels: a wide chart, and one beside another.
  const PAPER = { wide: 668, half: 315 };

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const shown = (element) => element.offsetParent !== null;

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
      layout.xaxis.range = [0, longest * (paper ? 2.3 : place.clientWidth < 460 ? 2 : 1.3)];
    }
    if (paper) Object.assign(layout, { width: PAPER[wide ? "wide" : "half"], autosize: false });
    return Plotly.react(place, data, layout, {
      displayModeBar: false,
      responsive: !paper,
      scrollZoom: false,
      doubleClick: false,
      showTips: false,
    });
  }

  function drawShown(paper) {
    all(".chart").filter(shown).forEach((place) => draw(place, paper));
  }

  function value(name) {
    return controls.querySelector(`input[name=${name}]:checked`)?.value ?? null;
  }

  // Parts of the page by store and period; those that wait stand in templates.
  const key = (view) => `${view.dataset.store} ${view.dataset.period ?? ""}`;
  const waiting = all("template").map((template) => template.content.firstElementChild);
  const views = new Map([...all(".view"), ...waiting].map((view) => [key(view), view]));

  function show(periodChanged) {
    const store = document.getElementById("store")?.value ?? main.firstElementChild.dataset.store;
    const view = views.get(`${store} ${value("period")}`) ?? views.get(`${store} `);
    for (const element of all(".brand [data-store]")) element.hidden = element.dataset.store !== store;
    if (main.firstElementChild !== view) main.replaceChildren(view);
    const grains = (view.dataset.grains ?? "").split(" ");
    for (const input of all("input[name=grain]", controls)) {
      input.disabled = !grains.includes(input.value);
      if (periodChanged) input.checked = input.value === grains[0];
    }
    const topic = value("topic");
    for (const part of all("[data-topic]", view)) part.hidden = part.dataset.topic !== topic;
    const grain = value("grain");
    for (const part of all("[data-grain]", view)) {
      part.hidden = Boolean(part.dataset.grain) && part.dataset.grain !== grain;
    }
    drawShown();
  }

  function tell() {
    const title = main.querySelector("h2").textContent;
    const [topic, grain] = [value("topic"), value("grain")];
    status.textContent = grain ? `${topic}. ${title}, by ${grain}` : title;
  }

  controls.addEventListener("change", (event) => {
    show(!["grain", "topic"].includes(event.target.name));
    tell();
  });
  // Amounts and counts become numbers that programs read; a text that could be a formula, a text.
  function csvField(cell) {
    const text = cell.textContent.trim();
    const number = text.replaceAll(",", "").match(/^(\u2212?)[^\d\u2212%]*(\d+(?:\.\d+)?)[^\d%]*$/u);
    if (cell.tagName === "TD" && number) return (number[1] ? "-" : "") + number[2];
    return `"${text.replace(/^(?=[=+\-@])/, "'").replaceAll('"', '""')}"`;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".csv");
    if (!button) return;
    const rows = all("tr", button.closest("details"));
    const text = rows.map((row) => [...row.cells].map(csvField).join(",")).join("\r\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }));
    link.download = `${button.dataset.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
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
  show(true);
})();
