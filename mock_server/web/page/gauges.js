// The live statistics over the picture, once a second.

import { $ } from "./dom.js";
import { Statistics } from "./statistics.js";

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function chip(id, text) {
  $(id).textContent = text;
  $(id).hidden = text === "";
}

export class Gauges {
  #timer = 0;

  /** Shows the statistics of a session that has just connected. */
  follow(session) {
    this.hide();
    const statistics = new Statistics();
    const since = performance.now();
    this.#timer = setInterval(async () => {
      const { peer } = session;
      if (peer?.connectionState !== "connected") return;
      const seen = await statistics.read(peer);
      if (seen !== null && session.peer === peer) this.#show(seen, since, session.limit);
    }, 1000);
  }

  #show({ width, height, fps, kbps, codec, freezes, lost }, since, limit) {
    chip("stat-size", `${width}×${height}`);
    chip("stat-fps", `${fps.toFixed(0)} fps`);
    chip("stat-kbps", kbps === null ? "" : `${kbps.toFixed(0)} kbit/s`);
    chip("stat-codec", codec);
    const trouble = [freezes && `${freezes} ${freezes === 1 ? "freeze" : "freezes"}`, lost && `${lost} lost`];
    chip("stat-trouble", trouble.filter(Boolean).join(", "));
    const seconds = Math.floor((performance.now() - since) / 1000);
    chip("stat-time", limit ? `${clock(seconds)} / ${clock(limit)}` : clock(seconds));
  }

  /** How many see the room. */
  viewers(count) {
    chip("stat-viewers", count === 1 ? "1 viewer" : `${count} viewers`);
  }

  hide() {
    clearInterval(this.#timer);
    for (const each of $("statistics").children) each.hidden = true;
  }
}
