// The media of a v2 session: a LiveKit room, whose address is in the answer of streaming.new.

import { Refusal } from "./api.js";
import { Room } from "./room.js";
import { JoinError } from "./signal.js";

export class RoomLink {
  #room;

  /** `on` is as in Room. */
  constructor(on) {
    this.#room = new Room(on);
  }

  get peer() {
    return this.#room.peer;
  }

  /** `created` is what streaming.new answered; `calls` has start(). Throws Refusal. */
  async open({ url, access_token }, calls) {
    await calls.start();
    try {
      await this.#room.join(url, access_token);
    } catch (error) {
      if (!(error instanceof JoinError)) throw error;
      throw new Refusal("room", error.status, null, error.message);
    }
  }

  /** Sends a track of sound to the avatar; null falls silent. */
  speakInto(track) {
    return this.#room.speakInto(track);
  }

  close() {
    this.#room.leave();
  }
}
