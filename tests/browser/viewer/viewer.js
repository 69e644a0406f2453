// A web client as its author would write it around the official SDK of v1.

const TALKING = ["avatar_start_talking", "avatar_stop_talking"];

const viewer = {
  ...senses,
  avatar: null,

  /** What createStartAvatar resolves with. `encoding` goes in through the SDK's init override. */
  async open({ basePath, token, request, encoding }) {
    const { Configuration, StreamingAvatarApi } = HeyGen;
    this.avatar = new StreamingAvatarApi(new Configuration({ basePath, accessToken: token }));
    for (const type of TALKING) this.avatar.addEventHandler(type, (event) => this.log(event));
    const withEncoding = async ({ init, context }) =>
      context.path.endsWith("streaming.new") ? { body: { ...init.body, video_encoding: encoding } } : {};
    const created = await this.avatar.createStartAvatar(
      { newSessionRequest: request },
      () => {},
      encoding ? withEncoding : undefined,
    );
    await this.show(this.avatar.mediaStream);
    return created;
  },

  speak(text) {
    const taskRequest = { sessionId: this.avatar.sessionId, text, taskType: "repeat" };
    return this.avatar.speak({ taskRequest });
  },

  interrupt() {
    return this.avatar.interrupt({ interruptRequest: { sessionId: this.avatar.sessionId } });
  },

  stop() {
    return this.avatar.stopAvatar({ stopSessionRequest: { sessionId: this.avatar.sessionId } });
  },

  /** {status, body} of the call that the SDK rejects; null when it does not. */
  async refusal(call) {
    try {
      await call();
      return null;
    } catch (error) {
      return { status: error.response.status, body: await error.response.json() };
    }
  },

  video() {
    return this.inbound(this.avatar.peerConnection);
  },
};
