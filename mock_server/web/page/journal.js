// What the server saw, from its control API: requests, sessions, and both as they happen.

import { brief, element } from "./dom.js";

const KEPT = 200;

async function read(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** Fires `session` (detail: an entry of any session's time line). */
export class Journal extends EventTarget {
  #requests;
  #sessions;
  #count;
  #own;
  #stop;
  #due = 0;

  /** `own()` is this page's session id; `stop(id)` ends another session. */
  constructor({ requests, sessions, count, own, stop }) {
    super();
    this.#requests = requests;
    this.#sessions = sessions;
    this.#count = count;
    this.#own = own;
    this.#stop = stop;
  }

  async follow() {
    const source = new EventSource("/__mock__/events");
    source.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    // After a gap (also the first one) the lists are read anew; then entries only add to them.
    source.onopen = () => this.#reload();
    await this.#reload();
  }

  async #reload() {
    try {
      const entries = await read("/__mock__/requests");
      this.#requests.replaceChildren();
      for (const entry of entries.slice(-KEPT)) this.#showRequest(entry);
      await this.#refresh();
    } catch {
      // The server is away; the event source reconnects by itself and calls this again.
    }
  }

  #hear(entry) {
    if (entry.kind === "request") this.#showRequest(entry);
    else this.dispatchEvent(new CustomEvent("session", { detail: entry }));
    // A request may have made a session whose time line is still empty.
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.#refresh().catch(() => {}), 120);
  }

  #showRequest(entry) {
    const number = String(entry.n);
    if (this.#requests.firstElementChild?.dataset.n >= 0) {
      // A reload and the stream may both bring an entry.
      const known = [...this.#requests.children].some((row) => row.dataset.n === number);
      if (known) return;
    }
    const row = element(
      "tr",
      {},
      element("td", {}, number),
      element("td", { title: `${entry.method} ${entry.path}` }, entry.operation ?? `${entry.method} ${entry.path}`),
      element("td", { className: entry.status < 400 ? "ok" : "bad" }, String(entry.status)),
    );
    row.dataset.n = number;
    this.#requests.prepend(row);
    while (this.#requests.children.length > KEPT) this.#requests.lastChild.remove();
  }

  async #refresh() {
    const sessions = await read("/__mock__/sessions");
    const open = sessions.filter(({ status }) => status !== "closed");
    this.#count.textContent = open.length > 0 ? String(open.length) : "";
    sessions.sort((a, b) => (a.status === "closed") - (b.status === "closed") || b.created_at - a.created_at);
    this.#sessions.replaceChildren(...sessions.slice(0, KEPT).map((session) => this.#row(session)));
  }

  #row({ session_id, status, avatar_id }) {
    const own = session_id === this.#own();
    const gone = status === "closed";
    const action = element("td");
    if (!gone && !own) {
      const label = `Stop session ${session_id}`;
      const button = element("button", { type: "button", className: "ghost", ariaLabel: label }, "Stop");
      button.addEventListener("click", () => this.#stop(session_id));
      action.append(button);
    }
    return element(
      "tr",
      { className: own ? "own" : gone ? "gone" : "" },
      element("td", { title: own ? `${session_id}, this page` : session_id }, brief(session_id), own ? " ●" : ""),
      element("td", {}, avatar_id ?? ""),
      element("td", {}, status),
      action,
    );
  }
}
