// Small ways to the document. Text from outside only ever enters as text, never as markup.

export const $ = (id) => document.getElementById(id);

/** An element with properties and children: element("td", { className: "ok" }, "200"). */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export const brief = (id) => (typeof id === "string" && id.length > 12 ? `${id.slice(0, 8)}…` : (id ?? ""));

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    // Without TLS and off the loopback interface there is no clipboard for pages.
    window.prompt("Copy this:", text);
  }
}

let fading = 0;

export function toast(text) {
  const box = $("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (box.hidden = true), 1600);
}
