// One session, in the order that clients of the API use: new -> start -> media and events.
// How media and events come is the link's matter, one for each version of the API.

import { Refusal } from "./api.js";
import { DirectLink } from "./direct_link.js";
import { RoomLink } from "./room_link.js";

const LINKS = { v1: DirectLink, v2: RoomLink };

/**
 * Fires `state` (connecting, connected, ended: detail.reason), `stream` (detail: MediaStream),
 * `wire` (detail: an event of the data channel), `viewers` (detail: how many see a room) and
 * `note` (detail: [name, text]).
 */
export class Session extends EventTarget {
  #api;
  #link;
  #over = false;
  #stopping = false;
  /** Whether this page has made the session, and so ends it. */
  #own = true;
  id = null;
  limit = null;
  /** What another page needs to watch too; null where none can. */
  invitation = null;

  constructor(api, version) {
    super();
    this.#api = api;
    this.version = version;
    this.#link = new LINKS[version]({
      stream: (stream) => this.#pass("stream", stream),
      data: (text) => this.#hear(text),
      note: (name, text) => this.#pass("note", [name, text]),
      viewers: (count) => this.#pass("viewers", count),
      up: () => this.#pass("state", { state: "connected" }),
      down: (reason, alive) => {
        this.#end(this.#stopping ? "stopped" : reason);
        if (alive) this.#abandon();
      },
    });
  }

  /** The connection of the media; null before there is one. */
  get peer() {
    return this.#link.peer;
  }

  /** Whether the id is still to come. */
  get opening() {
    return this.id === null && !this.#over;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** What the link tells, until the end: messages may be under way still when it is closed. */
  #pass(type, detail) {
    if (!this.#over) this.#tell(type, detail);
  }

  #hear(text) {
    try {
      this.#pass("wire", JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#pass("note", ["not JSON", text]);
    }
  }

  /** Makes a session. Throws Refusal; it is ended then. */
  open(settings) {
    return this.#begin(async () => {
      const created = await this.#api.post("/v1/streaming.new", settings);
      this.id = created.session_id;
      this.limit = created.session_duration_limit ?? null;
      if (created.livekit_agent_token) {
        const { url, livekit_agent_token: token } = created;
        this.invitation = { session: this.id, url, token };
      }
      this.#tell("note", ["session", this.id]);
      if (this.#over) return this.#abandon();
      await this.#link.open(created, {
        start: (sdp) => this.#api.post("/v1/streaming.start", { session_id: this.id, sdp }),
        ice: (candidate) => {
          return this.#api.post("/v1/streaming.ice", { session_id: this.id, candidate });
        },
      });
    });
  }

  /** Watches a session that another page has made. Throws Refusal. */
  join({ session, url, token }) {
    return this.#begin(async () => {
      this.#own = false;
      this.id = session;
      await this.#link.open({ url, access_token: token }, { start: async () => {} });
    });
  }

  async #begin(action) {
    this.#tell("state", { state: "connecting" });
    try {
      await action();
    } catch (error) {
      const abandoned = this.#over;
      this.#end(error instanceof Refusal ? "refused" : "failed");
      if (this.id !== null) this.#abandon();
      if (!abandoned) throw error;
    }
  }

  #abandon() {
    if (this.#own) this.#api.farewell("/v1/streaming.stop", { session_id: this.id });
  }

  #end(reason) {
    if (this.#over) return;
    this.#over = true;
    this.#link.close();
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

  /** Sends a track of sound to the avatar of a room; null falls silent. */
  speakInto(track) {
    return this.#link.speakInto(track);
  }

  /** The call first, the connection after it: a server that sees the viewer leave ends by itself. */
  async stop() {
    this.#stopping = true;
    try {
      const body = { session_id: this.id };
      if (this.#own && this.id !== null) await this.#api.post("/v1/streaming.stop", body);
    } finally {
      this.#end(this.#own ? "stopped" : "left");
    }
  }

  /** For a page that is going away. */
  leave() {
    if (this.#over || this.id === null) return;
    this.#abandon();
    this.#end("left");
  }
}
