// The list of events: from the data channel, from the server's own journal, and of this page.

import { element } from "./dom.js";

const KEPT = 300;

export class Log {
  #list;
  #zero = performance.now();

  constructor(list) {
    this.#list = list;
  }

  /** Times are shown from here on as seconds since this moment. */
  zero() {
    this.#zero = performance.now();
  }

  /** `source` is "wire", "server" or "page". */
  add(source, name, text = "", { bad = false } = {}) {
    const seconds = (performance.now() - this.#zero) / 1000;
    const following = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    this.#list.append(
      element(
        "li",
        { className: bad ? `${source} bad` : source },
        element("time", {}, `+${seconds.toFixed(2)} s`),
        element("div", {}, element("b", {}, name), " ", element("span", {}, text)),
      ),
    );
    while (this.#list.children.length > KEPT) this.#list.firstChild.remove();
    if (following) this.#list.scrollTop = this.#list.scrollHeight;
  }

  clear() {
    this.#list.replaceChildren();
  }
}
