// The calls this page has made, as shell commands to copy.

import { asCurl } from "./curl.js";
import { copy, element } from "./dom.js";

const KEPT = 60;

/** Puts a call on top of the list. */
export function showCall(list, call) {
  const command = asCurl(call);
  const button = element("button", { type: "button", className: "ghost" }, "Copy");
  button.ariaLabel = `Copy ${call.operation} as curl`;
  button.addEventListener("click", () => copy(command));
  const status = element(
    "span",
    { className: call.status && call.status < 400 ? "ok" : "bad" },
    String(call.status || "–"),
  );
  const text = ` ${call.method} ${call.path} ${call.body ?? ""}`;
  list.prepend(element("li", {}, element("code", { title: command }, status, text), button));
  while (list.children.length > KEPT) list.lastChild.remove();
}
