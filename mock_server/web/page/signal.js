// The signalling WebSocket of a LiveKit room: messages both ways, and the pings that keep it.

import { PROTOCOL, SignalRequest, SignalResponse } from "./livekit.js";
import { decode, encode } from "./protobuf.js";

/** The server lets nobody in by this token. `status` is of HTTP, 0 without an answer. */
export class JoinError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Signal {
  #socket;
  #timer = 0;
  #heardAt = 0;
  #on;
  #opened = false;

  /** `on.message(response)`; `on.closed()` once, when an open socket has closed. */
  constructor(on) {
    this.#on = on;
  }

  /** Resolves once the socket is open; throws JoinError. */
  async open(url, token) {
    const query = new URLSearchParams({ access_token: token, auto_subscribe: 1, protocol: PROTOCOL });
    const base = url.replace(/\/+$/, "");
    const socket = new WebSocket(`${base}/rtc?${query}`);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(data);
    await new Promise((resolve, reject) => {
      socket.onopen = () => {
        this.#opened = true;
        resolve();
      };
      socket.onclose = () => {
        clearInterval(this.#timer);
        if (this.#opened) this.#on.closed();
        else reject(new JoinError(0, "the room's server does not answer"));
      };
    }).catch(async (error) => {
      // A page is not told why a WebSocket was refused; the same address over HTTP says it.
      throw (await refusal(`${base.replace(/^ws/, "http")}/rtc/validate?${query}`)) ?? error;
    });
  }

  #take(data) {
    this.#heardAt = performance.now();
    try {
      this.#on.message(decode(SignalResponse, new Uint8Array(data)));
    } catch (error) {
      // Not protobuf: other messages may be.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  send(request) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(SignalRequest, request));
  }

  /** Pings from now on; a server that is silent for `timeout` seconds is given up. */
  keep({ interval, timeout }) {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (performance.now() - this.#heardAt > 1000 * timeout) return void this.close();
      const now = Date.now();
      // The older and the newer kind: servers answer the one they know.
      this.send({ ping: now });
      this.send({ ping_req: { timestamp: now } });
    }, 1000 * interval);
  }

  close() {
    clearInterval(this.#timer);
    this.#socket?.close();
  }
}

async function refusal(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? null : new JoinError(answer.status, (await answer.text()).slice(0, 300));
  } catch {
    return null;
  }
}
