// What the avatar says now, as text under its picture.

export class Captions {
  #box;
  #line;
  /** Texts by task id. */
  #texts = new Map();
  /** Tasks of which the avatar itself has told the text, in one message or many. */
  #told = new Set();
  #asked = "";
  #spoken = null;

  constructor(box, line) {
    this.#box = box;
    this.#line = line;
  }

  #show() {
    this.#box.hidden = this.#spoken === null;
    this.#line.textContent = this.#spoken === null ? "" : (this.#texts.get(this.#spoken) ?? this.#asked);
  }

  /** Forgets the texts of former sessions. */
  clear() {
    this.#texts.clear();
    this.#told.clear();
    this.end();
  }

  /** A text was sent, and its task has no id yet. */
  ask(text) {
    this.#asked = text;
  }

  /** The text of a task became known. */
  learn(taskId, text) {
    if (!this.#told.has(taskId)) this.#texts.set(taskId, text);
    this.#show();
  }

  /** The avatar tells a text, or a further piece of it. */
  tell(taskId, piece) {
    const before = this.#told.has(taskId) ? this.#texts.get(taskId) : "";
    this.#told.add(taskId);
    this.#texts.set(taskId, before + piece);
    this.#show();
  }

  begin(taskId) {
    this.#spoken = taskId;
    this.#show();
  }

  end() {
    this.#spoken = null;
    this.#show();
  }
}
