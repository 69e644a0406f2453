// Joins the page's parts: the form, the session, the picture, the lists.

import { Api, Refusal } from "./api.js";
import { Choices } from "./choices.js";
import { asCurl, snippets } from "./curl.js";
import { $, brief, copy, element } from "./dom.js";
import { Gauges } from "./gauges.js";
import { Journal } from "./journal.js";
import { Log } from "./log.js";
import { Session } from "./session.js";
import { makeTabs } from "./tabs.js";
import { Wave } from "./wave.js";

const CALLS_KEPT = 60;
const LABELS = {
  idle: "not connected",
  connecting: "connecting …",
  connected: "connected",
  talking: "talking",
};

const choices = new Choices($("settings"));
const gauges = new Gauges();
const log = new Log($("events"));
const wave = new Wave($("wave"));
const api = new Api(() => $("key").value, showCall);
const journal = new Journal({
  requests: $("requests"),
  sessions: $("sessions"),
  count: $("session-count"),
  own: () => session?.id ?? null,
  stop: (id) => guarded(() => api.post("/v1/streaming.stop", { session_id: id })),
});

let session = null;
let settings = null;
/** What the avatar was asked to say, by task id. */
const texts = new Map();
let lastText = "";
/** The task that the avatar speaks now. */
let spoken = null;
/** Whether a text was sent before there was a session, and is to be said once there is one. */
let speakFirst = false;
/** Entries of the server's journal that wait for the session's id. */
const early = [];

// State

function enter(state, reason = "") {
  document.body.dataset.state = state;
  $("state").textContent = state === "ended" ? `session ended: ${reason}` : LABELS[state];
  const live = isLive();
  for (const id of ["interrupt", "keep-alive"]) $(id).disabled = !live;
  $("speak").disabled = state === "connecting";
  $("stop").disabled = !live && state !== "connecting";
  $("veil").hidden = live;
  $("start").disabled = state === "connecting";
  $("start").textContent = { connecting: "Connecting …", ended: "Start a new session" }[state] ?? "Start session";
  if (state === "ended") $("veil-text").textContent = `The session has ended: ${reason}.`;
  if (!live) caption(null);
  showStale();
}

const isLive = () => ["connected", "talking"].includes(document.body.dataset.state);

function caption(text) {
  $("caption").hidden = text === null;
  $("caption-text").textContent = text ?? "";
}

// Refusals of the API, in place

function showRefusal(error) {
  const code = error.code === null ? "" : `, code ${error.code}`;
  $("refusal-title").textContent = error.status
    ? `${error.operation} was refused (HTTP ${error.status}${code}):`
    : `${error.operation}:`;
  $("refusal-text").textContent = error.message;
  $("refusal").hidden = false;
  log.add("page", `${error.operation} refused`, `${error.status}${code}: ${error.message}`, { bad: true });
}

/** Runs a call of the user; what the API refuses is shown, anything else is our own mistake. */
async function guarded(action) {
  $("refusal").hidden = true;
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Refusal)) {
      log.add("page", "error", String(error), { bad: true });
      throw error;
    }
    showRefusal(error);
    return undefined;
  }
}

// Session

function showStale() {
  $("stale").hidden = !isLive() || JSON.stringify(choices.chosen()) === JSON.stringify(settings);
}

async function start() {
  wave.wake();
  texts.clear();
  log.zero();
  settings = choices.chosen();
  const mine = new Session(api);
  session = mine;
  mine.addEventListener("state", ({ detail }) => session === mine && sessionState(detail));
  mine.addEventListener("stream", ({ detail }) => session === mine && showStream(detail));
  mine.addEventListener("wire", ({ detail }) => session === mine && hear(detail));
  mine.addEventListener("note", ({ detail: [name, text] }) => session === mine && note(name, text));
  await guarded(() => mine.open(settings));
}

function note(name, text) {
  log.add("page", name, text);
  showEarly();
}

function sessionState({ state, reason }) {
  if (state === "connected") {
    gauges.follow(session);
    $("text").focus({ preventScroll: true });
  }
  enter(state, reason);
  if (state === "connected" && speakFirst) {
    speakFirst = false;
    speak();
  }
  if (state === "ended") {
    speakFirst = false;
    showEarly();
    log.add("page", "session ended", reason);
    wave.hide();
    $("video").srcObject = null;
    gauges.hide();
  }
}

function showStream(stream) {
  const video = $("video");
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  video.play().catch((error) => log.add("page", "playback", error.message, { bad: true }));
  wave.show(stream);
}

/** An event of the data channel. */
function hear(event) {
  const { type, task_id, duration_ms } = event;
  const lasted = duration_ms === undefined ? "" : `, ${(duration_ms / 1000).toFixed(2)} s`;
  log.add("wire", type ?? "event", type ? `${brief(task_id)}${lasted}` : JSON.stringify(event));
  if (type === "avatar_start_talking") {
    spoken = task_id;
    caption(texts.get(task_id) ?? lastText);
    enter("talking");
  }
  if (type === "avatar_stop_talking") {
    spoken = null;
    caption(null);
    enter("connected");
  }
}

async function speak() {
  const text = $("text").value;
  const type = new FormData($("composer")).get("task_type");
  if (type === "repeat") lastText = text;
  else lastText = "…";
  $("text").select();
  const answer = await guarded(() => session.speak(text, type));
  if (answer?.task_id === undefined) return;
  if (type === "repeat") texts.set(answer.task_id, text);
  log.add("page", "task", `${brief(answer.task_id)}, will last ${(answer.duration_ms / 1000).toFixed(2)} s`);
}

const interrupt = () => guarded(() => session.interrupt());
const stop = () => guarded(() => session.stop());

async function restart() {
  await stop();
  await start();
}

// Lists

function showCall(call) {
  const command = asCurl(call);
  const button = element("button", { type: "button", className: "ghost" }, "Copy");
  button.ariaLabel = `Copy ${call.operation} as curl`;
  button.addEventListener("click", () => copy(command));
  const status = element("span", { className: call.status && call.status < 400 ? "ok" : "bad" }, String(call.status || "–"));
  const line = element("code", { title: command }, status, ` ${call.method} ${call.path} ${call.body ?? ""}`);
  $("calls").prepend(element("li", {}, line, button));
  while ($("calls").children.length > CALLS_KEPT) $("calls").lastChild.remove();
}

journal.addEventListener("session", ({ detail: entry }) => {
  // The first entries may overtake the answer that tells which session is ours.
  if (session?.opening) early.push(entry);
  else showEntry(entry);
});

function showEarly() {
  for (const entry of early.splice(0)) showEntry(entry);
}

function showEntry(entry) {
  const { kind, session_id, t, event, ...rest } = entry;
  const own = session_id === session?.id;
  if (own && event === "task" && rest.text !== undefined) {
    // What a chat task is answered with only the server knows, and its journal tells.
    texts.set(rest.task_id, rest.text);
    if (spoken === rest.task_id) caption(rest.text);
  }
  const parts = Object.entries(rest)
    .filter(([name]) => name !== "text")
    .map(([name, value]) => (name.endsWith("_id") ? brief(value) : name === "duration_ms" ? `${value} ms` : value));
  if (!own) parts.unshift(`session ${brief(session_id)}`);
  log.add("server", event, parts.join(" "));
}

function showSnippets() {
  const [sdk, shell] = snippets($("key").value);
  $("snippet-sdk").textContent = sdk;
  $("snippet-shell").textContent = shell;
}

// Wiring

$("start").addEventListener("click", start);
$("stop").addEventListener("click", stop);
$("interrupt").addEventListener("click", interrupt);
$("restart").addEventListener("click", restart);
$("keep-alive").addEventListener("click", () => guarded(() => session.keepAlive()));
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("speak").disabled) return;
  if (isLive()) return void speak();
  speakFirst = true;
  start();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("interrupt").disabled) interrupt();
});
choices.onchange = () => {
  showSnippets();
  showStale();
};
$("mute").addEventListener("click", () => {
  const muted = !$("video").muted;
  $("video").muted = muted;
  $("mute").textContent = muted ? "Unmute" : "Mute";
  $("mute").setAttribute("aria-pressed", String(muted));
});
$("refusal-close").addEventListener("click", () => ($("refusal").hidden = true));
$("clear").addEventListener("click", () => log.clear());
$("copy-base").addEventListener("click", () => copy(location.origin));
window.addEventListener("pagehide", () => session?.leave());

$("base-url").textContent = location.origin;
makeTabs(document.querySelector("[role=tablist]"));
showSnippets();
enter("idle");
journal.follow();
const fill = () => guarded(() => choices.fill(api));
fill();
// A server with keys of its own refuses until one of them is typed in.
$("key").addEventListener("change", fill);
fetch("/__mock__/health")
  .then((answer) => answer.json())
  .then(({ version }) => ($("version").textContent = version ?? ""))
  .catch(() => {});
