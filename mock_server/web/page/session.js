// One session over raw WebRTC, in the order that clients of the v1 API use:
// new (the server offers) -> answer -> start, candidates as they appear, events on the data channel.

import { Refusal } from "./api.js";

/**
 * Fires `state` (connecting, connected, ended: detail.reason), `stream` (detail: MediaStream),
 * `wire` (detail: an event of the data channel) and `note` (detail: [name, text]).
 */
export class Session extends EventTarget {
  #api;
  #peer = null;
  #channel = null;
  #over = false;
  #stopping = false;
  id = null;
  limit = null;

  constructor(api) {
    super();
    this.#api = api;
  }

  get peer() {
    return this.#peer;
  }

  /** Whether the id is still to come. */
  get opening() {
    return this.id === null && !this.#over;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Throws Refusal; the session is ended then. */
  async open(settings) {
    this.#tell("state", { state: "connecting" });
    try {
      const created = await this.#api.post("/v1/streaming.new", settings);
      this.id = created.session_id;
      this.limit = created.session_duration_limit ?? null;
      this.#tell("note", ["session", this.id]);
      if (this.#over) return this.#abandon();
      const peer = this.#connect(created.ice_servers2 ?? []);
      await peer.setRemoteDescription(created.sdp);
      await peer.setLocalDescription(await peer.createAnswer());
      const { type, sdp } = peer.localDescription;
      await this.#api.post("/v1/streaming.start", { session_id: this.id, sdp: { type, sdp } });
    } catch (error) {
      const abandoned = this.#over;
      this.#end(error instanceof Refusal ? "refused by the API" : "failed");
      if (this.id !== null) this.#abandon();
      if (!abandoned) throw error;
    }
  }

  #abandon() {
    this.#api.farewell("/v1/streaming.stop", { session_id: this.id });
  }

  #connect(iceServers) {
    const peer = new RTCPeerConnection({ iceServers });
    this.#peer = peer;
    peer.ontrack = ({ streams }) => this.#tell("stream", streams[0]);
    peer.ondatachannel = ({ channel }) => this.#listen(channel);
    peer.onicecandidate = ({ candidate }) => {
      if (!candidate) return;
      // Trickled candidates are a courtesy: the connection may stand without this one.
      this.#api
        .post("/v1/streaming.ice", { session_id: this.id, candidate: candidate.toJSON() })
        .catch((refusal) => this.#tell("note", ["ice refused", refusal.message]));
    };
    peer.onconnectionstatechange = () => {
      if (this.#over) return;
      this.#tell("note", ["peer", peer.connectionState]);
      if (peer.connectionState === "connected") this.#tell("state", { state: "connected" });
      if (peer.connectionState === "failed") this.#end("connection lost");
    };
    return peer;
  }

  #listen(channel) {
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => {
      const text = typeof data === "string" ? data : new TextDecoder().decode(data);
      try {
        this.#tell("wire", JSON.parse(text));
      } catch {
        this.#tell("note", ["not JSON", text]);
      }
    };
    // A server that ends the session closes the channel with it; the peer's state lags behind.
    channel.onclose = () => this.#end(this.#stopping ? "stopped" : "closed by the server");
  }

  #end(reason) {
    if (this.#over) return;
    this.#over = true;
    this.#channel = null;
    this.#peer?.close();
    this.#tell("state", { state: "ended", reason });
  }

  /** Answers {task_id, duration_ms}; throws Refusal. */
  speak(text, taskType) {
    const task = { session_id: this.id, text, task_mode: "sync", task_type: taskType };
    return this.#api.post("/v1/streaming.task", task);
  }

  interrupt() {
    return this.#api.post("/v1/streaming.interrupt", { session_id: this.id });
  }

  keepAlive() {
    return this.#api.post("/v1/streaming.keep_alive", { session_id: this.id });
  }

  /** The call first, the connection after it: a server that sees the viewer leave ends by itself. */
  async stop() {
    this.#stopping = true;
    try {
      if (this.id !== null) await this.#api.post("/v1/streaming.stop", { session_id: this.id });
    } finally {
      this.#end("stopped");
    }
  }

  /** For a page that is going away. */
  leave() {
    if (this.#over || this.id === null) return;
    this.#abandon();
    this.#end("left");
  }
}
