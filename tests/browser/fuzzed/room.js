// What a careful author writes around the official SDK 2.x: a session, its picture, one sentence, a
// while of watching, the end. Each step has a time limit, what goes wrong is shown and the session
// then stopped, and so it is when the SDK says that the stream has ended.
//
// ?care=all       also looks whether the picture goes on, which the SDK does not say (the default
//                 is ?care=some)
//
// ?watch=MS       for how long it looks on after the sentence (1000)
//
// `app.failed` is what a reader is told; `app.done` is that the sentence was said and watched.

const { HEYGEN_BASE_URL: basePath, HEYGEN_API_KEY: token } = window;
const care = new URLSearchParams(location.search).get("care") ?? "some";
const STEP_MS = 4000;
const WATCH_MS = Number(new URLSearchParams(location.search).get("watch") ?? 1000);

// The SDK's chat socket knows no port but 443: docs/howto/tls.md has this and two other ways.
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(address, ...more) {
    const { pathname, search } = new URL(address);
    const chat = basePath.replace("http", "ws") + pathname + search;
    super(pathname === "/v1/ws/streaming.chat" ? chat : address, ...more);
  }
};

const avatar = new HeyGen.StreamingAvatar({ token, basePath });
const video = document.getElementById("video");
const app = { done: false, failed: "", stop };
let stopping = false;

/** The step's value; an error once it takes too long. */
function limited(name, promise) {
  const over = new Promise((_, reject) => setTimeout(() => reject(new Error(`${name} takes too long`)), STEP_MS));
  return Promise.race([promise, over]);
}

function stop() {
  stopping = true;
  return limited("stop", avatar.stopAvatar());
}

function show(text) {
  document.getElementById("status").textContent = text;
}

/** Rejects when the SDK says that the stream has ended. */
const ended = new Promise((_, reject) => {
  avatar.on("stream_disconnected", ({ detail }) => {
    if (!stopping) reject(new Error(`the stream has ended (${detail})`));
  });
});

async function watched() {
  const before = video.currentTime;
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  if (care === "all" && video.currentTime - before < WATCH_MS / 4000) throw new Error("the picture stands still");
}

async function main() {
  const ends = [];
  let wake = () => {};
  avatar.on("avatar_stop_talking", ({ detail }) => {
    ends.push(detail);
    wake();
  });
  const ready = new Promise((resolve) => avatar.on("stream_ready", ({ detail }) => resolve(detail)));
  await limited("the session", avatar.createStartAvatar({ quality: "low", avatarName: "default" }));

  const plays = new Promise((resolve) => video.addEventListener("playing", resolve, { once: true }));
  video.srcObject = await limited("the stream", ready);
  await limited("the picture", plays);

  show("Speaking");
  const { task_id, duration_ms } = await limited("the sentence", avatar.speak({ text: "Hello.", taskType: "repeat" }));
  const said = new Promise((resolve) => {
    wake = () => {
      const own = ends.find((event) => event.task_id === task_id);
      if (own) resolve(own);
    };
    wake();
  });
  const end = await limited("the end of the sentence", said);
  if (end.duration_ms < duration_ms - 10) throw new Error("the sentence was cut short");
  await watched();
}

async function run() {
  try {
    await Promise.race([main(), ended]);
    app.done = true;
    show("Done");
  } catch (error) {
    // The SDK rejects with an Event when it is its chat socket that failed.
    const told = error.message || `failed: ${error.type ?? error}`;
    console.log(`told: ${told}`);
    if (avatar.sessionId && !stopping) await stop().catch(() => {});
    app.failed = told;
    show(`Sorry: ${told}`);
  }
}

run();
