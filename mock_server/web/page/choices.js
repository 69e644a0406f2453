// The settings form: what is chosen there, in the API's own names.

import { $ } from "./dom.js";

export class Choices {
  #form;
  /** Pictures of the avatars, by avatar id. */
  #previews = new Map();
  #filled = false;
  onchange = () => {};

  constructor(form) {
    this.#form = form;
    form.addEventListener("submit", (event) => event.preventDefault());
    if (new URLSearchParams(location.search).get("version") === "v2") form.elements.version.value = "v2";
    // The choice of the version stands elsewhere, and belongs to the form all the same.
    document.addEventListener("input", ({ target }) => {
      if (target.form !== form) return;
      $("avatar-other").hidden = $("avatar").value !== "other";
      $("rate-value").textContent = Number($("rate").value).toFixed(1);
      this.#showPortrait();
      this.onchange();
    });
  }

  get version() {
    return new FormData(this.#form).get("version");
  }

  /** Offers the server's avatars and voices, once; throws Refusal. */
  async fill(api) {
    const [avatars, { voices }] = await Promise.all([
      api.get("/v1/streaming/avatar.list"),
      api.get("/v2/voices"),
    ]);
    if (this.#filled) return;
    this.#filled = true;
    for (const { avatar_id, pose_name, normal_preview } of avatars) {
      $("avatar").append(new Option(pose_name || avatar_id, avatar_id));
      this.#previews.set(avatar_id, normal_preview);
    }
    $("avatar").append(new Option("Other id …", "other"));
    // Without a choice the server takes the first.
    this.#previews.set("", avatars[0]?.normal_preview);
    this.#showPortrait();
    for (const { voice_id, name, gender, language } of voices) {
      $("voice").append(new Option(`${name} (${gender}, ${language})`, voice_id));
    }
  }

  #showPortrait() {
    const picture = this.#previews.get($("avatar").value);
    $("portrait").hidden = !picture;
    if (picture && $("portrait").src !== picture) $("portrait").src = picture;
  }

  /** The body of streaming.new; what is not chosen is left out. */
  chosen() {
    const data = new FormData(this.#form);
    const avatar = data.get("avatar") === "other" ? data.get("avatar_other").trim() : data.get("avatar");
    const voice = { rate: Number(data.get("rate")) };
    if (data.get("voice")) voice.voice_id = data.get("voice");
    if (data.get("emotion")) voice.emotion = data.get("emotion");
    const wanted = { quality: data.get("quality"), voice, video_encoding: data.get("video_encoding") };
    // No version means v1, as all clients of that time have it.
    if (this.version !== "v1") wanted.version = this.version;
    if (avatar) wanted.avatar_id = avatar;
    if (data.get("knowledge_base")) wanted.knowledge_base = data.get("knowledge_base");
    return wanted;
  }
}
