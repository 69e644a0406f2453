// A web client as its author would write it around the official SDK, plus what a test looks at:
// the events with their times, the loudness of the sound, the pixels of the picture.

const TALKING = ["avatar_start_talking", "avatar_stop_talking"];

const viewer = {
  avatar: null,
  audio: null,
  events: [],
  levels: [],

  /** Needs a click first: browsers start neither sound nor audio graphs without one. */
  wake() {
    this.audio = new AudioContext();
  },

  /** What createStartAvatar resolves with. `encoding` goes in through the SDK's init override. */
  async open({ basePath, token, request, encoding }) {
    const { Configuration, StreamingAvatarApi } = HeyGen;
    this.avatar = new StreamingAvatarApi(new Configuration({ basePath, accessToken: token }));
    for (const type of TALKING) {
      this.avatar.addEventHandler(type, (event) => this.events.push({ ...event, at: performance.now() }));
    }
    const withEncoding = async ({ init, context }) =>
      context.path.endsWith("streaming.new") ? { body: { ...init.body, video_encoding: encoding } } : {};
    const created = await this.avatar.createStartAvatar(
      { newSessionRequest: request },
      () => {},
      encoding ? withEncoding : undefined,
    );
    const video = document.getElementById("video");
    video.srcObject = this.avatar.mediaStream;
    await video.play();
    this.listen();
    return created;
  },

  listen() {
    const analyser = new AnalyserNode(this.audio, { fftSize: 1024 });
    this.audio.createMediaStreamSource(this.avatar.mediaStream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      this.levels.push({ at: performance.now(), level: Math.sqrt(power) });
    }, 20);
  },

  speak(text) {
    const taskRequest = { sessionId: this.avatar.sessionId, text, taskType: "repeat" };
    return this.avatar.speak({ taskRequest });
  },

  interrupt() {
    return this.avatar.interrupt({ interruptRequest: { sessionId: this.avatar.sessionId } });
  },

  stop() {
    return this.avatar.stopAvatar({ stopSessionRequest: { sessionId: this.avatar.sessionId } });
  },

  /** {status, body} of the call that the SDK rejects; null when it does not. */
  async refusal(call) {
    try {
      await call();
      return null;
    } catch (error) {
      return { status: error.response.status, body: await error.response.json() };
    }
  },

  /** The loudest root mean square of the last `ms`; null before that much was heard. */
  loudness(ms) {
    const since = performance.now() - ms;
    if (!(this.levels[0]?.at <= since)) return null;
    return Math.max(...this.levels.filter(({ at }) => at >= since).map(({ level }) => level));
  },

  /**
   * The next `count` pictures, scaled to the given size, from row `top` on: base64 of their luma
   * (BT.601, 16 to 235).
   */
  async pictures(count, width, height, top) {
    const video = document.getElementById("video");
    const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    const taken = [];
    while (taken.length < count) {
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      pen.drawImage(video, 0, 0, width, height);
      const { data } = pen.getImageData(0, top, width, height - top);
      const luma = new Uint8Array(width * (height - top));
      for (let i = 0; i < luma.length; i++) {
        const [red, green, blue] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
        luma[i] = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256;
      }
      taken.push(luma);
    }
    return Promise.all(taken.map(base64));
  },

  size() {
    const { videoWidth, videoHeight } = document.getElementById("video");
    return [videoWidth, videoHeight];
  },

  /** What the browser's WebRTC says of the incoming video. */
  async video() {
    const report = await this.avatar.peerConnection.getStats();
    const video = [...report.values()].find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
    return { ...video, codec: report.get(video.codecId).mimeType };
  },
};

/** @returns {Promise<string>} */
function base64(bytes) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob([bytes]));
  });
}

document.getElementById("wake").addEventListener("click", () => viewer.wake());
