// The voice as bars: what is drawn is what is heard, so a silent server shows a flat line.

const BARS = 48;

export class Wave {
  #canvas;
  #audio = null;
  #source = null;
  #frame = 0;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Call it from a click: browsers start no audio graph without one. */
  wake() {
    this.#audio ??= new AudioContext();
    this.#audio.resume();
  }

  show(stream) {
    this.hide();
    if (this.#audio === null || stream.getAudioTracks().length === 0) return;
    this.#source = this.#audio.createMediaStreamSource(stream);
    const analyser = new AnalyserNode(this.#audio, { fftSize: 2048, smoothingTimeConstant: 0.6 });
    this.#source.connect(analyser);
    const levels = new Uint8Array(analyser.frequencyBinCount);
    const draw = () => {
      this.#frame = requestAnimationFrame(draw);
      analyser.getByteFrequencyData(levels);
      this.#draw(levels);
    };
    draw();
  }

  #draw(levels) {
    const { width, height } = this.#canvas;
    const pen = this.#canvas.getContext("2d");
    const step = width / BARS;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = "#b9b1ff";
    for (let bar = 0; bar < BARS; bar++) {
      // Mirrored about the middle; a voice lives in the lowest eighth of the spectrum.
      const band = Math.abs(bar - (BARS - 1) / 2) / (BARS / 2);
      const level = levels[4 + Math.round(band * 96)] / 255;
      const tall = Math.max(3, Math.min(1, 1.4 * level ** 1.5) * height);
      pen.beginPath();
      pen.roundRect(bar * step + step * 0.25, (height - tall) / 2, step * 0.5, tall, 3);
      pen.fill();
    }
  }

  hide() {
    cancelAnimationFrame(this.#frame);
    this.#source?.disconnect();
    this.#source = null;
    this.#canvas.getContext("2d").clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }
}
