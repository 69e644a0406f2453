// What an author writes around the official SDK: a session, its picture, one sentence, the end.
//
// ?care=none      trusts what the SDK's promises say
// ?care=some      also looks whether createStartAvatar resolved with a session, and whatever went
//                 wrong stops the session that the SDK knows
// ?care=all       also gives every step a time limit (the default)
//
// `app.failed` is what a reader is told; `app.done` is that the sentence was said.

const { Configuration, StreamingAvatarApi } = HeyGen;
const { HEYGEN_BASE_URL: basePath, HEYGEN_API_KEY: accessToken } = window;
const care = new URLSearchParams(location.search).get("care") ?? "all";
const STEP_MS = 4000;

const avatar = new StreamingAvatarApi(new Configuration({ basePath, accessToken }));
const app = { done: false, failed: "", stop };

/** The step's value; with all care an error once it takes too long. */
function limited(name, promise) {
  if (care !== "all") return promise;
  const over = new Promise((_, reject) => setTimeout(() => reject(new Error(`${name} takes too long`)), STEP_MS));
  return Promise.race([promise, over]);
}

function stop() {
  return limited("stop", avatar.stopAvatar({ stopSessionRequest: { sessionId: avatar.sessionId } }));
}

/** The SDK tells nothing of its connection; a stream of sound alone "plays" before there is one. */
function connected(peer) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (peer.connectionState === "connected") resolve();
      if (care !== "none" && peer.connectionState === "failed") reject(new Error("no connection"));
    };
    peer.addEventListener("connectionstatechange", look);
    look();
  });
}

function show(text) {
  document.getElementById("status").textContent = text;
}

async function main() {
  const ends = [];
  let wake = () => {};
  avatar.addEventHandler("avatar_stop_talking", (event) => {
    ends.push(event);
    wake();
  });
  const newSessionRequest = { quality: "low", avatarName: "", voice: {} };
  const created = await limited("the session", avatar.createStartAvatar({ newSessionRequest }, () => {}));
  if (care !== "none" && !created) throw new Error("there is no session");

  const video = document.getElementById("video");
  const plays = new Promise((resolve) => video.addEventListener("playing", resolve, { once: true }));
  video.srcObject = avatar.mediaStream;
  await limited("the connection", connected(avatar.peerConnection));
  await limited("the picture", plays);

  show("Speaking");
  const taskRequest = { sessionId: avatar.sessionId, text: "Hello.", taskType: "repeat" };
  const { taskId, durationMs } = (await limited("the sentence", avatar.speak({ taskRequest }))).data;
  const said = new Promise((resolve) => {
    wake = () => {
      const own = ends.find((event) => event.task_id === taskId);
      if (own) resolve(own);
    };
    wake();
  });
  const end = await limited("the end of the sentence", said);
  if (end.duration_ms < durationMs - 10) throw new Error("the sentence was cut short");
  app.done = true;
  show("Done");
}

main().catch(async (error) => {
  console.log(`told: ${error.message}`);
  if (care !== "none" && avatar.sessionId) await stop().catch(() => {});
  app.failed = error.message || "failed";
  show(`Sorry: ${app.failed}`);
});
