// The public API, called as any client calls it: JSON over HTTP with an X-Api-Key header.

/** What the API refused, or a server that does not answer (`status` 0, `code` null). */
export class Refusal extends Error {
  constructor(operation, status, code, message) {
    super(message);
    this.operation = operation;
    this.status = status;
    this.code = code;
  }
}

export class Api {
  #key;
  #onCall;

  /** `key()` gives the API key of the moment; `onCall(call)` hears of every call that ended. */
  constructor(key, onCall) {
    this.#key = key;
    this.#onCall = onCall;
  }

  /** The answer's `data`; throws Refusal. */
  async call(method, path, body) {
    const headers = { "X-Api-Key": this.#key() };
    const text = body === undefined ? undefined : JSON.stringify(body);
    if (text !== undefined) headers["Content-Type"] = "application/json";
    const operation = path.split("/").at(-1);
    const call = { operation, method, path, headers, body: text, status: 0 };
    const begun = performance.now();
    try {
      const response = await fetch(path, { method, headers, body: text });
      call.status = response.status;
      const answer = await response.json().catch(() => null);
      if (!response.ok || answer === null) {
        const message = answer?.message ?? response.statusText ?? "an answer that is not JSON";
        throw new Refusal(operation, response.status, answer?.code ?? null, message);
      }
      return answer.data;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal(operation, 0, null, "the server does not answer");
    } finally {
      this.#onCall({ ...call, ms: performance.now() - begun });
    }
  }

  post(path, body) {
    return this.call("POST", path, body);
  }

  get(path) {
    return this.call("GET", path);
  }

  /** A last call while the page goes away: nobody is left to read the answer. */
  farewell(path, body) {
    const headers = { "X-Api-Key": this.#key(), "Content-Type": "application/json" };
    fetch(path, { method: "POST", headers, body: JSON.stringify(body), keepalive: true }).catch(() => {});
  }
}
