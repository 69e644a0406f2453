// What a test looks at in a page that shows an avatar: the events with their times, the loudness
// of the sound, the pixels of the picture. The viewers of both versions are made of it.

const senses = {
  audio: null,
  events: [],
  levels: [],
  listening: null,

  /** Needs a click first: browsers start neither sound nor audio graphs without one. */
  wake() {
    this.audio = new AudioContext();
  },

  log(event) {
    this.events.push({ ...event, at: performance.now() });
  },

  /** Shows the stream, and hears it from now on. */
  async show(stream) {
    const video = document.getElementById("video");
    video.srcObject = stream;
    await video.play();
    this.listen(stream);
  },

  /** Hears this stream from now on, and no other. */
  listen(stream) {
    clearInterval(this.listening);
    const analyser = new AnalyserNode(this.audio, { fftSize: 1024 });
    this.audio.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.listening = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      this.levels.push({ at: performance.now(), level: Math.sqrt(power) });
    }, 20);
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

  /** What this connection counts of the incoming video, with the codec's MIME type as `codec`. */
  async inbound(connection) {
    const report = await connection.getStats();
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
