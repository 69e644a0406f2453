// Joins the page's parts: the form, the session, the picture, the lists.

import { Api, Refusal } from "./api.js";
import { showCall } from "./calls.js";
import { Captions } from "./captions.js";
import { Choices } from "./choices.js";
import { snippets } from "./curl.js";
import { $, brief, copy } from "./dom.js";
import { Gauges } from "./gauges.js";
import { invited, inviting, remember } from "./invitation.js";
import { Journal } from "./journal.js";
import { Log } from "./log.js";
import { Microphone } from "./microphone.js";
import { Session } from "./session.js";
import { makeTabs } from "./tabs.js";
import { Wave } from "./wave.js";

const LABELS = {
  idle: "not connected",
  connecting: "connecting …",
  connected: "connected",
  talking: "talking",
};

const choices = new Choices($("settings"));
const captions = new Captions($("caption"), $("caption-text"));
const gauges = new Gauges();
const log = new Log($("events"));
const wave = new Wave($("wave"));
const api = new Api(() => $("key").value, (call) => showCall($("calls"), call));
const microphone = new Microphone($("microphone"), {
  send: (track) => session.speakInto(track),
  fail: (text) => showProblem("The microphone:", text),
});
const journal = new Journal({
  requests: $("requests"),
  sessions: $("sessions"),
  count: $("session-count"),
  own: () => session?.id ?? null,
  stop: (id) => guarded(() => api.post("/v1/streaming.stop", { session_id: id })),
});

let session = null;
let settings = null;
/** What another page has invited this one to, until it is joined or refused. */
let invitation = invited();
/** Whether a text was sent before there was a session, and is to be said once there is one. */
let speakFirst = false;
/** Entries of the server's journal that wait for the session's id. */
const early = [];

// State

function enter(state, reason = "") {
  document.body.dataset.state = state;
  $("state").textContent = state === "ended" ? `session ended: ${reason}` : LABELS[state];
  const live = isLive();
  for (const id of ["interrupt", "keep-alive", "microphone"]) $(id).disabled = !live;
  $("speak").disabled = state === "connecting";
  $("stop").disabled = !live && state !== "connecting";
  $("veil").hidden = live;
  $("start").disabled = state === "connecting";
  const begin = invitation ? "Watch" : "Start session";
  $("start").textContent = { connecting: "Connecting …", ended: "Start a new session" }[state] ?? begin;
  if (state === "ended") $("veil-text").textContent = `The session has ended: ${reason}.`;
  if (!live) captions.end();
  showInvitation();
  showVersion();
  showStale();
}

const isLive = () => ["connected", "talking"].includes(document.body.dataset.state);

/** The version of the session at hand, and of the next one where there is none. */
function showVersion() {
  const now = isLive() || document.body.dataset.state === "connecting";
  document.body.dataset.version = now ? session.version : choices.version;
}

function showInvitation() {
  const open = isLive() ? session.invitation : null;
  $("invite").hidden = open === null;
  if (open !== null) $("invite").href = inviting(open);
}

// Refusals of the API, in place

function showProblem(title, text) {
  $("refusal-title").textContent = title;
  $("refusal-text").textContent = text;
  $("refusal").hidden = false;
}

function showRefusal(error) {
  const code = error.code === null ? "" : `, code ${error.code}`;
  const status = error.status ? ` was refused (HTTP ${error.status}${code})` : "";
  showProblem(`${error.operation}${status}:`, error.message);
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
  const comparable = isLive() && settings !== null;
  $("stale").hidden = !comparable || JSON.stringify(choices.chosen()) === JSON.stringify(settings);
}

async function start() {
  wave.wake();
  captions.clear();
  log.zero();
  const way = invitation;
  settings = way ? null : choices.chosen();
  const mine = new Session(api, way ? "v2" : choices.version);
  session = mine;
  $("stop").textContent = way ? "Leave room" : "Stop session";
  mine.addEventListener("state", ({ detail }) => session === mine && sessionState(detail));
  mine.addEventListener("stream", ({ detail }) => session === mine && showStream(detail));
  mine.addEventListener("wire", ({ detail }) => session === mine && hear(detail));
  mine.addEventListener("note", ({ detail: [name, text] }) => session === mine && note(name, text));
  mine.addEventListener("viewers", ({ detail }) => session === mine && gauges.viewers(detail));
  await guarded(() => (way ? mine.join(way) : mine.open(settings)));
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
    microphone.reset();
    forgetInvitation();
    showEarly();
    log.add("page", "session ended", reason);
    wave.hide();
    $("video").srcObject = null;
    gauges.hide();
  }
}

function forgetInvitation() {
  if (invitation === null) return;
  invitation = null;
  remember(choices.version);
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
  const { type, task_id, duration_ms, message } = event ?? {};
  const lasted = duration_ms === undefined ? "" : `, ${(duration_ms / 1000).toFixed(2)} s`;
  const told = message === undefined ? "" : ` “${message}”`;
  log.add("wire", type ?? "event", type ? `${brief(task_id)}${lasted}${told}` : JSON.stringify(event));
  if (type === "avatar_start_talking") {
    captions.begin(task_id);
    enter("talking");
  }
  if (type === "avatar_talking_message" && typeof message === "string") captions.tell(task_id, message);
  if (type === "avatar_stop_talking") {
    captions.end();
    showHeard(null);
    enter("connected");
  }
  if (type === "user_start") script();
  if (type === "user_talking_message") showHeard(message ?? null);
}

/** What the microphone was heard to say, until it has been answered. */
function showHeard(text) {
  $("heard").hidden = text === null;
  $("heard-text").textContent = text ?? "";
}

/** While the user talks: lets the server hear in it what the form says. */
function script() {
  const heard = $("heard-as").value.trim();
  if (!heard) return;
  const headers = { "Content-Type": "application/json" };
  fetch("/__mock__/replies", { method: "PUT", headers, body: JSON.stringify({ heard: [heard] }) })
    .then(({ ok }) => ok || log.add("page", "heard", "the server takes no such text", { bad: true }))
    .catch(() => {});
}

async function speak() {
  const text = $("text").value;
  const type = new FormData($("composer")).get("task_type");
  captions.ask(type === "repeat" ? text : "…");
  $("text").select();
  const answer = await guarded(() => session.speak(text, type));
  if (answer?.task_id === undefined) return;
  if (type === "repeat") captions.learn(answer.task_id, text);
  log.add("page", "task", `${brief(answer.task_id)}, will last ${(answer.duration_ms / 1000).toFixed(2)} s`);
}

const interrupt = () => guarded(() => session.interrupt());
const stop = () => guarded(() => session.stop());

async function restart() {
  await stop();
  await start();
}

// Lists

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
    captions.learn(rest.task_id, rest.text);
  }
  const parts = Object.entries(rest)
    .filter(([name]) => name !== "text")
    .map(([name, value]) => (name.endsWith("_id") ? brief(value) : name === "duration_ms" ? `${value} ms` : value));
  if (!own) parts.unshift(`session ${brief(session_id)}`);
  log.add("server", event, parts.join(" "));
}

function showSnippets() {
  const [sdk, shell] = snippets($("key").value, choices.version);
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
  if (invitation === null) remember(choices.version);
  showVersion();
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
if (invitation !== null) $("veil-text").textContent = "Another page has opened this session. Watch it too.";
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
