// A raw client of one session at a time, which tells what Chromium counts and shows.
"use strict";

const fresh = () => ({
  states: [],
  ice: [],
  messages: 0,
  problem: null,
  connectedAt: null,
});
const watched = fresh();

async function call(name, body) {
  const answer = await fetch(`/v1/streaming.${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Api-Key": watched.key },
    body: JSON.stringify(body),
  });
  const read = await answer.json();
  if (!answer.ok) throw new Error(`${name}: ${read.message}`);
  return read.data;
}

async function open(key, wishes) {
  watched.key = key;
  const data = await call("new", wishes);
  watched.session = data.session_id;
  const peer = (watched.peer = new RTCPeerConnection());
  const stream = (watched.stream = new MediaStream());
  const video = (watched.video = document.createElement("video"));
  video.srcObject = stream;
  document.body.append(video);
  peer.ontrack = ({ track }) => {
    stream.addTrack(track);
    video.play().catch(() => {});
  };
  peer.ondatachannel = ({ channel }) => {
    channel.binaryType = "arraybuffer";
    channel.onmessage = () => (watched.messages += 1);
  };
  peer.onconnectionstatechange = () => {
    watched.states.push(peer.connectionState);
    if (peer.connectionState === "connected") watched.connectedAt = performance.now();
  };
  peer.oniceconnectionstatechange = () => watched.ice.push(peer.iceConnectionState);
  try {
    await peer.setRemoteDescription(data.sdp);
    await peer.setLocalDescription();
    await call("start", {
      session_id: data.session_id,
      sdp: { type: "answer", sdp: peer.localDescription.sdp },
    });
  } catch (error) {
    watched.problem = String(error);
  }
}

async function close() {
  watched.peer?.close();
  watched.video?.remove();
  await call("stop", { session_id: watched.session }).catch(() => {});
  Object.assign(watched, fresh());
}

/** What is counted of the streams that come in, and all that was told. */
async function counted() {
  const found = { video: {}, audio: {}, transport: 0, codec: "" };
  const reports = await watched.peer.getStats();
  for (const report of reports.values()) {
    if (report.type === "inbound-rtp") found[report.kind] = report;
    if (report.type === "transport") found.transport += report.packetsReceived;
  }
  found.codec = reports.get(found.video.codecId)?.mimeType ?? "";
  const { states, ice, messages, problem, connectedAt } = watched;
  const now = performance.now();
  const since = connectedAt ? now - connectedAt : null;
  return { ...found, states, ice, messages, problem, now, since, luma: luma() };
}

/** Of the picture that is shown. */
async function digest() {
  const sum = await crypto.subtle.digest("SHA-256", shown() ?? new Uint8Array());
  return Array.from(new Uint8Array(sum)).join(" ");
}

/** The mean brightness of what is shown, 0 to 255; null when nothing is. */
function luma() {
  const pixels = shown();
  if (!pixels) return null;
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    sum += 0.2126 * pixels[at] + 0.7152 * pixels[at + 1] + 0.0722 * pixels[at + 2];
  }
  return sum / (pixels.length / 4);
}

function shown() {
  const video = watched.video;
  if (!video || video.readyState < 2) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [160, 90];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}
