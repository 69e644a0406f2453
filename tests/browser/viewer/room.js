// A web client as its author would write it around the official SDK of v2, and one that joins the
// room of a session that somebody else has made.

const CHAT = "/v1/ws/streaming.chat";

const viewer = {
  ...senses,
  avatar: null,
  room: null,

  /**
   * What createStartAvatar resolves with. `chat` is where the chat socket is sent instead of port
   * 443 of the host, which is all that the SDK knows: ws://127.0.0.1:8000. With a `greeting`, what
   * came of that task is told as `greeted`.
   */
  async open({ basePath, token, request, chat, greeting }) {
    if (chat) divert(chat);
    this.avatar = new HeyGen.StreamingAvatar({ token, basePath });
    for (const type of Object.values(HeyGen.StreamingEvents)) {
      this.avatar.on(type, ({ detail }) => this.log(described(type, detail)));
    }
    const ready = new Promise((resolve) => {
      this.avatar.on("stream_ready", ({ detail }) => resolve(Promise.all([this.show(detail), this.greet(greeting)])));
    });
    const created = await this.avatar.createStartAvatar(request);
    this.room = this.avatar.room;
    const [, greeted] = await ready;
    return { ...created, greeted };
  },

  async greet(text) {
    return text ? this.avatar.speak({ text, taskType: "repeat" }) : null;
  },

  /** Joins as livekit-client alone does; events are told as the SDK tells them. */
  async watch({ url, token }) {
    const stream = new MediaStream();
    this.room = new LiveKit.Room();
    this.room.on("dataReceived", (payload) => this.log(JSON.parse(new TextDecoder().decode(payload))));
    this.room.on("disconnected", (reason) => this.log(described("stream_disconnected", reason)));
    this.room.on("trackSubscribed", (track) => stream.addTrack(track.mediaStreamTrack));
    await this.room.connect(url, token);
    await this.show(stream);
  },

  /** Notes what the room tells of its connection, as events named room:... */
  observe() {
    for (const type of ["signalReconnecting", "reconnecting", "reconnected", "disconnected"]) {
      this.room.on(type, (reason) => this.log({ type: `room:${type}`, reason }));
    }
  },

  /** {name, status, text, message} of what the call rejects with; null when it does not. */
  async refusal(call) {
    try {
      await call();
      return null;
    } catch ({ name, status, responseText, message }) {
      return { name, status, text: responseText, message };
    }
  },

  video() {
    return this.inbound(this.room.engine.pcManager.subscriber._pc);
  },
};

function described(type, detail) {
  if (detail instanceof MediaStream) return { type, tracks: detail.getTracks().map(({ kind }) => kind).sort() };
  return typeof detail === "object" ? { ...detail, type } : { type, detail };
}

/** One of the three ways to give the SDK a port: the page sends that one address elsewhere. */
function divert(origin) {
  window.WebSocket = class extends window.WebSocket {
    constructor(address, ...more) {
      const { pathname, search } = new URL(address);
      super(pathname === CHAT ? origin + pathname + search : address, ...more);
    }
  };
}
