// The button that lets the avatar of a room hear this page's microphone.

export class Microphone {
  #button;
  #send;
  #fail;
  #on = false;

  /** `send(track)` passes a track of sound on, null for silence; `fail(text)` shows why not. */
  constructor(button, { send, fail }) {
    this.#button = button;
    this.#send = send;
    this.#fail = fail;
    button.addEventListener("click", () => (this.#on ? this.off() : this.#open()));
  }

  #show(on) {
    this.#on = on;
    this.#button.setAttribute("aria-pressed", String(on));
    this.#button.textContent = on ? "Microphone off" : "Microphone";
  }

  async #open() {
    // Pages that came neither by TLS nor from this machine are given no devices.
    if (!navigator.mediaDevices) return void this.#fail("this page needs https or localhost for it");
    this.#show(true);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const [track] = stream.getAudioTracks();
      if (!this.#on) return void track.stop();
      await this.#send(track);
    } catch (error) {
      this.#show(false);
      this.#fail(error.message);
    }
  }

  off() {
    if (!this.#on) return;
    this.#show(false);
    this.#send(null);
  }

  /** The session is over, and its microphone with it. */
  reset() {
    this.#show(false);
  }
}
