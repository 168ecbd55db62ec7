// Keeps the status page fresh: numbers in its tables, and plots of the last five minutes. The server
// writes the rows; this fills in what changes, and asks for the rows anew when others are there.

const SPAN = 300; // seconds in a plot
const PERIOD = matchMedia("(prefers-reduced-motion: reduce)").matches ? 5000 : 1000;
const PATIENCE = 5000; // ms for an answer
const NONE = "–";

// ---- numbers, written as the server writes them

const thousands = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const count = (number) => thousands.format(number);
const orNone = (number) => (number === 0 ? NONE : count(number));

function digits(value) {
  const tenths = Math.round(value * 10) / 10;
  return tenths < 10 && !Number.isInteger(tenths) ? tenths.toFixed(1) : count(value);
}

function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? count(value) : digits(value)} ${units[unit]}`;
}

const rate = (value) => (value === 0 ? NONE : `${bytes(value)}/s`);
const operations = (value) => (value === 0 ? NONE : `${digits(value)}/s`);

function latency(nanos) {
  if (nanos === 0) return NONE;
  if (nanos < 999_500) return `${digits(nanos / 1e3)} µs`;
  return nanos < 999_500_000 ? `${digits(nanos / 1e6)} ms` : `${digits(nanos / 1e9)} s`;
}

function age(seconds) {
  const whole = (size) => Math.floor(seconds / size);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${whole(60)} min ${seconds % 60} s`;
  return seconds < 86_400
    ? `${whole(3600)} h ${Math.floor((seconds % 3600) / 60)} min`
    : `${whole(86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

const all = (sample) =>
  sample.readsPerSecond + sample.writesPerSecond + sample.othersPerSecond;

// ---- SVG

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function html(name, classes, ...children) {
  const node = document.createElement(name);
  if (classes) node.className = classes;
  node.append(...children);
  return node;
}

// ---- plots

const PLOTS = {
  throughput: {
    format: rate,
    base: 1024,
    least: 1024,
    series: [
      { name: "read", of: "readBytesPerSecond", area: true, look: "one" },
      { name: "write", of: "writtenBytesPerSecond", look: "two" },
    ],
  },
  operations: {
    format: operations,
    least: 10,
    series: [
      { name: "reads", of: "readsPerSecond", area: true, look: "one" },
      { name: "writes", of: "writesPerSecond", look: "two" },
      { name: "others", of: "othersPerSecond", look: "three", dotted: true },
    ],
  },
  latency: {
    format: latency,
    decades: true, // one slow command must not flatten the rest
    gaps: true, // a second without commands has no latency
    series: [
      { name: "p50", of: "p50Nanos", look: "one" },
      { name: "p99", of: "p99Nanos", look: "two", dotted: true },
    ],
  },
  queue: {
    format: (value) => count(value),
    least: 4,
    series: [{ name: "outstanding", of: "outstanding", area: true, look: "one" }],
  },
};

/** The end of an axis, which cuts well in two and in four. */
function ceiling(largest, { base = 1000, least }) {
  const wanted = Math.max(largest, least);
  const power = base ** Math.floor(Math.log(wanted) / Math.log(base));
  const steps = base === 1024 ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : decimalSteps;
  return power * steps.find((step) => step * power >= wanted);
}

const decimalSteps = [1, 10, 100].flatMap((tens) => [1, 2, 4, 8].map((one) => one * tens)).concat(1000);

/** An axis from 0: where a value lies, from 0 at the bottom to 1, and what is written there. */
function linear(values, plot) {
  const top = ceiling(Math.max(0, ...values), plot);
  return { place: (value) => value / top, marks: [0, top / 2, top], named: [top / 2, top] };
}

/** An axis of decades, two at least. */
function decades(values) {
  const there = values.filter((value) => value > 0);
  const from = Math.floor(Math.log10(Math.min(1e5, ...there)));
  const to = Math.max(from + 2, Math.ceil(Math.log10(Math.max(1, ...there))));
  const marks = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return {
    place: (value) => (Math.log10(value) - from) / (to - from),
    marks,
    named: marks.filter((_, i) => to - from < 5 || i % 2 === 0),
  };
}

class Plot {
  constructor(figure, plot) {
    this.plot = plot;
    this.title = figure.querySelector("figcaption").textContent;
    this.when = html("span", "when");
    this.values = plot.series.map((series) => {
      const value = html("b", "", NONE);
      const key = html("span", `key ${series.look}`, `${series.name} `, value);
      key.classList.toggle("area", Boolean(series.area));
      key.classList.toggle("dotted", Boolean(series.dotted));
      figure.querySelector("figcaption").append(" ", key);
      return value;
    });
    figure.querySelector("figcaption").append(" ", this.when);
    this.image = svg("svg", { role: "img", height: "130" });
    figure.append(this.image);
    this.image.addEventListener("pointermove", (event) => this.point(event.offsetX));
    this.image.addEventListener("pointerleave", () => this.point(null));
  }

  show(history) {
    this.history = history;
    this.draw();
  }

  /** Shows the values of where the pointer is, or the newest. */
  point(x) {
    this.pointer = x;
    if (this.history) this.draw();
  }

  draw() {
    const width = Math.max(this.image.clientWidth, 120);
    const frame = { left: 62, right: width - 4, top: 10, bottom: 108, width };
    const data = this.plot.series.map(({ of }) => this.history[of]);
    const axis = (this.plot.decades ? decades : linear)(data.flat(), this.plot);
    const x = (seconds) => frame.right - (seconds / SPAN) * (frame.right - frame.left);
    const y = (value) => frame.bottom - axis.place(value) * (frame.bottom - frame.top);
    const at = this.chosen(x);
    this.image.setAttribute("viewBox", `0 0 ${width} 130`);
    this.image.setAttribute("aria-label", this.words(data));
    this.image.replaceChildren(
      ...this.axes(frame, axis, x, y),
      ...this.plot.series.flatMap((series, i) => this.lines(series, data[i], frame, x, y)),
      ...this.cursor(at, frame, x),
    );
    this.legend(data, at);
  }

  axes(frame, axis, x, y) {
    const lines = axis.marks.map((mark) =>
      svg("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y(mark), y2: y(mark) }));
    const values = axis.named.map((mark) =>
      svg("text", { x: frame.left - 6, y: y(mark) + 4, "text-anchor": "end" },
        this.plot.format(mark)));
    const minutes = [5, 4, 3, 2, 1].map((minute) =>
      svg("text", { x: x(minute * 60), y: 124, "text-anchor": minute === 5 ? "start" : "middle" },
        minute === 5 ? "5 min" : `${minute}`));
    return [...lines, ...values, ...minutes,
      svg("text", { x: frame.right, y: 124, "text-anchor": "end" }, "now")];
  }

  /** A series as pieces without gaps. */
  lines(series, data, frame, x, y) {
    const pieces = [];
    let piece = [];
    data.forEach((value, i) => {
      const gap = this.plot.gaps && value === 0;
      if (!gap) piece.push([x(this.history.ageSeconds[i]), y(value)]);
      if ((gap || i === data.length - 1) && piece.length) {
        pieces.push(piece);
        piece = [];
      }
    });
    return pieces.flatMap((points) => this.piece(series, points, frame));
  }

  piece(series, points, frame) {
    const [first, last] = [points[0], points[points.length - 1]];
    if (points.length === 1) points.push([first[0] + 1.5, first[1]]); // a moment is seen too
    const path = points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
    const line = svg("polyline", {
      class: `line ${series.look}${series.dotted ? " dotted" : ""}`,
      points: path,
    });
    if (!series.area) return [line];
    const corners = `${first[0].toFixed(1)},${frame.bottom} ${path} ${last[0].toFixed(1)},${frame.bottom}`;
    return [svg("polygon", { class: `fill ${series.look}`, points: corners }), line];
  }

  /** The sample under the pointer; the last one without it. */
  chosen(x) {
    const ages = this.history.ageSeconds;
    if (this.pointer == null || !ages.length) return ages.length - 1;
    const away = ages.map((seconds) => Math.abs(x(seconds) - this.pointer));
    return away.indexOf(Math.min(...away));
  }

  cursor(at, frame, x) {
    if (this.pointer == null || at < 0) return [];
    const place = x(this.history.ageSeconds[at]);
    return [svg("line", { class: "cursor", x1: place, x2: place, y1: frame.top, y2: frame.bottom })];
  }

  legend(data, at) {
    data.forEach((values, i) => {
      this.values[i].textContent = at < 0 ? NONE : this.plot.format(values[at]);
    });
    const seconds = Math.round(this.history.ageSeconds[at] ?? 0);
    this.when.textContent = this.pointer != null && seconds > 0 ? `${age(seconds)} ago` : "";
  }

  /** What the plot shows, for who does not see it. */
  words(data) {
    const parts = this.plot.series.map(({ name }, i) => {
      const last = data[i][data[i].length - 1] ?? 0;
      const most = Math.max(0, ...data[i]);
      return `${name} now ${this.said(last)}, at most ${this.said(most)}`;
    });
    return `${this.title} of the last 5 minutes: ${parts.join("; ")}`;
  }

  said(value) {
    return value === 0 ? "none" : this.plot.format(value);
  }
}

/** A small plot in a table's cell; the number beside it says the same. */
function spark(cell, values) {
  const top = Math.max(...values, 1024);
  const points = values.map((value, i) => {
    const x = 120 - (values.length - 1 - i) * 2;
    return `${x},${(18 - (value / top) * 17).toFixed(1)}`;
  });
  const look = values.some((value) => value > 0) ? "one" : "idle";
  const line = svg("polyline", { class: `line ${look}`, points: points.join(" ") });
  const area = svg("polygon", {
    class: `fill ${look}`,
    points: points.length ? `${122 - values.length * 2},19 ${points.join(" ")} 120,19` : "",
  });
  cell.replaceChildren(svg("svg", {
    viewBox: "0 0 120 19",
    role: "img",
    "aria-label": `at most ${rate(Math.max(0, ...values))}`,
  }, area, line));
}

// ---- what changes in the page

const tiles = ({ now, counts, server }) => ({
  read: rate(now.readBytesPerSecond),
  write: rate(now.writtenBytesPerSecond),
  operations: operations(all(now)),
  p99: latency(now.p99Nanos),
  queue: count(now.outstanding),
  sessions: count(counts.sessions),
  pending: count(counts.pendingLogins),
  uptime: age(server.uptimeSeconds),
});

const unitValues = (unit) => ({
  state: [
    unit.state,
    unit.readOnly && "read-only",
    unit.locked && "locked",
    unit.reserved && "reserved",
  ].filter(Boolean).join(", "),
  size: unit.sizeBytes === 0 ? NONE : bytes(unit.sizeBytes),
  read: rate(unit.now.readBytesPerSecond),
  write: rate(unit.now.writtenBytesPerSecond),
  operations: operations(all(unit.now)),
  p50: latency(unit.now.p50Nanos),
  p99: latency(unit.now.p99Nanos),
  queue: orNone(unit.now.outstanding),
  errors: orNone(unit.total.errors),
  initiators: orNone(unit.initiators),
});

const sessionValues = (session, connection) => ({
  age: age(session.ageSeconds),
  commands: count(session.commands),
  queue: orNone(session.outstanding),
  in: connection && bytes(connection.inBytes),
  out: connection && bytes(connection.outBytes),
  idle: connection && (connection.lost ? "lost" : age(connection.idleSeconds)),
});

/** The rows that the tables should have, by their keys. */
function unitRows({ targets }) {
  return new Map(
    targets.flatMap(({ name, units }) => units.map((unit) => [`${name} ${unit.lun}`, unit])));
}

function sessionRows({ sessions }) {
  return new Map(sessions.flatMap((session) => {
    const key = `${session.tsih} ${session.isid}`;
    return session.connections.length === 0
      ? [[`${key} none`, sessionValues(session)]]
      : session.connections.map((one) => [`${key} ${one.cid}`, sessionValues(session, one)]);
  }));
}

function fill(parent, values) {
  for (const node of parent.querySelectorAll("[data-v]")) {
    const text = values[node.dataset.v];
    if (text !== undefined && node.textContent !== text) node.textContent = text;
  }
}

const rowsOf = (table) => [...document.querySelectorAll(`#${table} tr[data-key]`)];

function sameRows(table, wanted) {
  const rows = rowsOf(table);
  return rows.length === wanted.size && rows.every((row) => wanted.has(row.dataset.key));
}

/** Takes the rows, and what says how many there are, from a page that was just made. */
async function takeRows() {
  const page = new DOMParser().parseFromString(await (await ask("./")).text(), "text/html");
  for (const id of ["unit-table", "session-table", "portal-table"]) {
    const table = document.getElementById(id);
    table.querySelectorAll("tbody").forEach((body) => body.remove());
    table.append(...page.querySelectorAll(`#${id} tbody`));
  }
  for (const id of ["units-title", "sessions-title", "portals-title"]) {
    document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  }
  filterRows();
}

function fillUnit(row, unit) {
  fill(row, unitValues(unit));
  row.querySelector("[data-v=state]").classList.toggle("off", unit.state !== "ready");
  spark(row.querySelector(".spark"), unit.recentBytesPerSecond);
}

async function show(status) {
  const units = unitRows(status);
  const sessions = sessionRows(status);
  const portals = new Map(status.portals.map((portal) => [portal.address, portal]));
  const same = sameRows("unit-table", units) && sameRows("session-table", sessions)
    && sameRows("portal-table", portals);
  if (!same) await takeRows();
  document.getElementById("incomplete").hidden = status.server.complete;
  fill(document.querySelector(".tiles"), tiles(status));
  for (const row of rowsOf("unit-table")) {
    const unit = units.get(row.dataset.key);
    if (unit) fillUnit(row, unit);
  }
  for (const row of rowsOf("session-table")) fill(row, sessions.get(row.dataset.key) ?? {});
  for (const plot of plots) plot.show(status.history);
}

// ---- a filter, where there are many units

const filter = document.getElementById("filter");

function filterRows() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = rowsOf("unit-table");
  filter.closest("p").hidden = rows.length < 12;
  let shown = 0;
  for (const row of rows) {
    const text = `${row.dataset.key} ${row.textContent}`.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  for (const group of document.querySelectorAll("#unit-table tr.group")) {
    group.hidden = words.length > 0 && !group.parentElement.querySelector("tr[data-key]:not([hidden])");
  }
  document.getElementById("shown").textContent = words.length ? `${shown} of ${rows.length}` : "";
}

filter.addEventListener("input", filterRows);

// ---- once a second

const state = document.getElementById("state");
const pause = document.getElementById("pause");
let paused = false;

async function ask(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer;
}

/** Said aloud by screen readers, so only when it changes. */
function say(text, stale) {
  if (state.textContent !== text) state.textContent = text;
  state.parentElement.classList.toggle("stale", stale);
}

async function refresh() {
  if (paused || document.hidden) return;
  try {
    await show(await (await ask(`status.json${location.search}`)).json());
    say("Live", false);
  } catch (error) {
    const clock = new Date().toLocaleTimeString();
    if (!state.parentElement.classList.contains("stale")) {
      say(`Not refreshed since ${clock}: ${error.message}`, true);
    }
  }
}

async function run() {
  await refresh();
  setTimeout(run, PERIOD);
}

pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  say(paused ? "Paused" : "Live", false);
  refresh();
});

const plots = [...document.querySelectorAll("[data-plot]")].map(
  (figure) => new Plot(figure, PLOTS[figure.dataset.plot]));

document.documentElement.classList.add("live");
pause.hidden = false;
filterRows();
document.addEventListener("visibilitychange", refresh);
addEventListener("resize", () => plots.forEach((plot) => plot.point(null)));
run();
