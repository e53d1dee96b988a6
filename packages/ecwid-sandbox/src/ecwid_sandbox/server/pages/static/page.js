// The page asks once a second what is new, while somebody looks at it.

const ROWS = 200; // requests that are shown; those of a batch count as one
const EVERY = 1000; // milliseconds between two questions
const ANNOUNCE = 10_000; // milliseconds between two announcements to screen readers

const find = (id) => document.getElementById(id);
const FAULTS = {
  // name: [label of the amount, its default, its bounds, the fault]
  status: ["Status", 503, { min: 400, max: 599 }, (n) => ({ status: n })],
  before: [null, 0, {}, () => ({ drop: "before" })],
  after: [null, 0, {}, () => ({ drop: "after" })],
  cut: ["Part of the answer that is sent (0 to 1)", 0.5, { min: 0, max: 1, step: "any" }, (n) => ({ cut: n })],
  garbage: [null, 0, {}, () => ({ garbage: true })],
  delay: ["Milliseconds", 2000, { min: 1 }, (n) => ({ delay: n })],
  stuck: ["Seconds, by the sandbox's clock", 60, { min: 1 }, (n) => ({ stuck: n })],
};

const page = {
  store: Number(new URLSearchParams(location.search).get("store")) || null,
  after: 0,
  cleared: 0,
  batches: new Map(),
  paused: false,
  announced: 0,
  unannounced: 0,
  round: 0,
};

function element(name, text = "", properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text }, properties);
}

function utc(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

function show(id, text) {
  const place = find(id);
  if (place.textContent !== String(text)) place.textContent = text;
}

function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

// ---- what is told

/** Put names and values into a list; entries stay, so that nothing flickers. */
function list(place, entries) {
  const known = new Map([...place.children].map((row) => [row.dataset.name, row]));
  for (const [name, value] of entries) {
    let row = known.get(name);
    if (!row) {
      row = element("div");
      row.dataset.name = name;
      row.append(element("dt", name), element("dd"));
      place.append(row);
    }
    known.delete(name);
    if (row.lastChild.textContent !== value) row.lastChild.textContent = value;
  }
  for (const row of known.values()) row.remove();
}

function entity(name) {
  const text = name.replaceAll("_", " ").replace(/us$/, "use").replace(/y$/, "ie");
  const many = text.endsWith("s") ? text : `${text}s`;
  return many[0].toUpperCase() + many.slice(1);
}

function options(told) {
  const limit = told.rate_limit;
  return [
    ["Latency", `${told.latency} ms${told.jitter ? `, and up to ${told.jitter} ms more` : ""}`],
    ["Request limit", limit ? `${limit} a minute` : "none"],
    ["Searches behind", `${told.index_lag} s`],
    ["In batches", `${told.batch_latency} ms a request; ${told.batch_counts ? "they count" : "they don't count"}`],
    ["Scopes", told.scopes ? told.scopes.join(", ") : "all"],
    ["Plan lacks", told.without.join(", ") || "nothing"],
    ["Most products", told.max_products || "as the shop's plan says"],
    ["Equal SKUs", told.unique_skus ? "forbidden" : "allowed"],
    ["Made with", `size ${told.size}, seed ${told.seed}`],
  ].map(([name, value]) => [name, String(value)]);
}

function faultText(fault) {
  const what =
    (fault.status && `status ${fault.status}${fault.retry_after === undefined ? "" : `, Retry-After ${fault.retry_after}`}`) ||
    (fault.drop && `connection dropped ${fault.drop === "before" ? "before anything is done" : "when it is done"}`) ||
    (fault.cut !== undefined && `answer cut at ${fault.cut}`) ||
    (fault.garbage && "answer is no JSON") ||
    (fault.stuck !== undefined && `batch stuck ${fault.stuck === "forever" ? "for ever" : `for ${fault.stuck} s`}`) ||
    (fault.answer && `answer says ${JSON.stringify(fault.answer)}`) ||
    "slow";
  const slow = fault.delay ? `, ${fault.delay} ms late` : "";
  const times = fault.times === null ? "every time" : plural(fault.times ?? 1, "time");
  const skip = fault.skip ? `, after ${fault.skip} more` : "";
  return `${fault.method ?? "Any"} ${fault.path || "request"}: ${what}${slow}, ${times}${skip}`;
}

function showFaults(faults, control) {
  const place = find("fault-list");
  const now = JSON.stringify([faults, control]);
  find("no-faults").hidden = faults.length > 0;
  if (place.dataset.shown === now) return;
  place.dataset.shown = now;
  const focused = place.contains(document.activeElement);
  place.replaceChildren(
    ...faults.map(({ number, fault }) => {
      const row = element("li");
      const text = faultText(fault);
      row.append(element("span", text));
      if (control) {
        const remove = element("button", "Remove", { type: "button" });
        remove.setAttribute("aria-label", `Remove: ${text}`);
        remove.addEventListener("click", () => send("DELETE", `/faults/${number}`));
        row.append(remove);
      }
      return row;
    }),
  );
  if (focused) (place.querySelector("button") ?? find("faults-title")).focus();
}

// ---- requests

function cell(text, kind) {
  const made = element("td", text, { className: kind });
  made.setAttribute("role", "cell");
  return made;
}

function rowOf(entry) {
  const row = element("tr");
  row.setAttribute("role", "row");
  const path = cell(entry.path, "path");
  if (entry.query) path.append(element("span", `?${entry.query}`, { className: "query" }));
  if (entry.operation) path.title = entry.operation;
  const status = entry.status || "dropped";
  const kind = entry.status >= 500 || !entry.status ? " bad" : entry.status >= 400 ? " warn" : "";
  row.append(
    cell(utc(entry.at).slice(11), "time"),
    cell(entry.method, "method"),
    path,
    cell(status, `status${kind}`),
    cell(entry.milliseconds < 10 ? entry.milliseconds.toFixed(1) : Math.round(entry.milliseconds), "number"),
    cell(entry.left ?? "", "number"),
  );
  return row;
}

/** The row that stands for all requests of a batch, and opens them. */
function batchOf(entry) {
  const batch = { row: element("tr"), inner: [], failed: 0, open: false };
  batch.row.setAttribute("role", "row");
  batch.toggle = element("button", "", { type: "button" });
  batch.toggle.setAttribute("aria-expanded", "false");
  batch.toggle.addEventListener("click", () => {
    batch.open = !batch.open;
    batch.toggle.setAttribute("aria-expanded", String(batch.open));
    for (const row of batch.inner) row.hidden = !batch.open;
  });
  const path = cell("", "path");
  path.append(batch.toggle, ` of batch ${entry.batch.slice(0, 8)}`);
  batch.status = cell("", "status");
  batch.left = cell("", "number");
  batch.row.append(cell(utc(entry.at).slice(11), "time"), cell("batch", "method"), path, batch.status, cell("", "number"), batch.left);
  return batch;
}

function addToBatch(entry, entries) {
  let batch = page.batches.get(entry.batch);
  if (!batch) {
    batch = batchOf(entry);
    page.batches.set(entry.batch, batch);
    batch.row.batch = entry.batch;
    entries.prepend(batch.row);
  }
  const row = rowOf(entry);
  row.className = "inner";
  row.hidden = !batch.open;
  batch.row.after(row);
  batch.inner.push(row);
  if (entry.status >= 400) batch.failed += 1;
  batch.toggle.textContent = plural(batch.inner.length, "request");
  batch.status.textContent = batch.failed ? `${batch.failed} failed` : "all well";
  batch.status.className = batch.failed ? "status bad" : "status";
  batch.left.textContent = entry.left ?? "";
}

function forgetRows() {
  find("entries").replaceChildren();
  page.batches.clear();
  page.after = 0;
}

function showRequests(told) {
  const entries = find("entries");
  if (told.cleared !== page.cleared || told.count < page.after) forgetRows();
  page.cleared = told.cleared;
  for (const entry of told.requests) {
    if (entry.number <= page.after) continue;
    if (entry.batch) addToBatch(entry, entries);
    else entries.prepend(rowOf(entry));
    page.after = entry.number;
    page.unannounced += 1;
  }
  const outer = entries.querySelectorAll("tr:not(.inner)");
  for (let place = ROWS; place < outer.length; place += 1) {
    const batch = page.batches.get(outer[place].batch);
    if (batch) for (const row of batch.inner) row.remove();
    page.batches.delete(outer[place].batch);
    outer[place].remove();
  }
  show("summary", told.count ? `${told.count.toLocaleString("en")} so far` : "None yet.");
  if (page.unannounced && Date.now() - page.announced > ANNOUNCE) {
    show("news", `${plural(page.unannounced, "new request")}, ${told.count} in all`);
    page.unannounced = 0;
    page.announced = Date.now();
  }
}

// ---- all of it

function showStores(told) {
  const place = find("store");
  find("choice").hidden = told.stores.length < 2;
  if (place.children.length !== told.stores.length) {
    place.replaceChildren(...told.stores.map((number) => element("option", number, { value: number })));
  }
  if (document.activeElement !== place) place.value = told.store;
}

function showAll(told) {
  page.store = told.store;
  document.title = `${told.name} – Ecwid sandbox`;
  show("name", told.name);
  show("store-id", told.store);
  show("address", `${location.origin}/api/v3`);
  show("clock", `${utc(told.now)} UTC${told.stopped ? ", stopped" : ""}`);
  find("clock").dateTime = utc(told.now).replace(" ", "T") + "Z";
  show("stop-clock", told.stopped ? "Let the clock run" : "Stop the clock");
  find("stop-clock").dataset.stopped = told.stopped;
  list(find("counts"), Object.entries(told.counts).map(([name, count]) => [entity(name), count.toLocaleString("en")]));
  list(find("options"), options(told.options));
  for (const place of document.querySelectorAll(".control")) place.hidden = !told.control;
  find("no-control").hidden = told.control;
  const form = find("change");
  if (!form.contains(document.activeElement) && !form.dataset.touched) {
    find("latency").value = told.options.latency;
    find("rate-limit").value = told.options.rate_limit;
    find("index-lag").value = told.options.index_lag;
  }
  showStores(told);
  showFaults(told.faults, told.control);
  if (!page.paused) showRequests(told);
}

function problem(text) {
  const place = find("problem");
  show("problem", text);
  place.hidden = !text;
}

async function ask() {
  const round = (page.round += 1);
  const asked = new URLSearchParams({ after: page.after, cleared: page.cleared });
  if (page.store) asked.set("store", page.store);
  let told;
  try {
    const response = await fetch(`/_page/state?${asked}`);
    if (!response.ok) throw new Error(await response.text());
    told = await response.json();
  } catch (error) {
    problem(error instanceof TypeError ? "The sandbox doesn't answer; it may have been stopped." : error.message);
    return;
  }
  // An answer that was overtaken says nothing new, or is another shop's.
  if (round !== page.round) return;
  if (find("problem").dataset.from !== "action") problem("");
  showAll(told);
}

async function watch() {
  if (!document.hidden) await ask();
  setTimeout(watch, EVERY);
}

async function send(method, path, body) {
  let refused = "";
  try {
    const response = await fetch(`/_sandbox/${page.store}${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) refused = await response.text();
  } catch {
    refused = "The sandbox doesn't answer; it may have been stopped.";
  }
  find("problem").dataset.from = refused ? "action" : "";
  problem(refused);
  await ask();
  return !refused;
}

// ---- what can be done

function numberIn(id) {
  const text = find(id).value;
  return text === "" ? null : Number(text);
}

function showAmount() {
  const [label, standard, bounds] = FAULTS[find("what").value];
  const input = find("amount");
  find("amount-line").hidden = label === null;
  find("retry-line").hidden = find("what").value !== "status";
  input.disabled = label === null;
  Object.assign(input, { min: "", max: "", step: "" }, bounds);
  input.value = standard;
  show("amount-label", label ?? "");
}

function onSubmit(id, action) {
  find(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

onSubmit("fault", () => {
  const fault = FAULTS[find("what").value][3](numberIn("amount"));
  fault.path = find("path").value;
  fault.times = numberIn("times");
  fault.skip = numberIn("skip");
  if (find("method").value) fault.method = find("method").value;
  if (fault.status && numberIn("retry") !== null) fault.retry_after = numberIn("retry");
  send("POST", "/faults", [fault]);
});
onSubmit("activity", () => send("POST", "/activity", { count: numberIn("happenings") }));
onSubmit("advance", () => send("POST", "/clock", { advance: numberIn("span") }));
onSubmit("change", async () => {
  const wish = { latency: numberIn("latency"), rate_limit: numberIn("rate-limit"), index_lag: numberIn("index-lag") };
  if (await send("POST", "/settings", wish)) delete find("change").dataset.touched;
});
find("change").addEventListener("input", () => (find("change").dataset.touched = "yes"));
find("what").addEventListener("change", showAmount);
find("stop-clock").addEventListener("click", (event) =>
  send("POST", "/clock", { stopped: event.currentTarget.dataset.stopped !== "true" }),
);
find("forget").addEventListener("click", () => send("POST", "/reset-requests"));
find("clear-faults").addEventListener("click", () => send("DELETE", "/faults"));
find("pause").addEventListener("click", (event) => {
  page.paused = !page.paused;
  event.currentTarget.setAttribute("aria-pressed", String(page.paused));
});
find("store").addEventListener("change", (event) => {
  page.store = Number(event.currentTarget.value);
  page.cleared = 0;
  forgetRows();
  delete find("change").dataset.touched;
  history.replaceState(null, "", `?store=${page.store}`);
  ask();
});
document.addEventListener("visibilitychange", () => document.hidden || ask());

showAmount();
watch();
