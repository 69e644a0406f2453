// The media of a v1 session: raw WebRTC. The server's offer is in the answer of streaming.new.

export class DirectLink {
  #on;
  #peer = null;
  #channel = null;

  /** `on` has stream(stream), data(text), note(name, text), up(), and down(reason). */
  constructor(on) {
    this.#on = on;
  }

  get peer() {
    return this.#peer;
  }

  /** `created` is what streaming.new answered; `calls` has start(sdp) and ice(candidate). */
  async open({ sdp, ice_servers2 }, calls) {
    const peer = this.#connect(ice_servers2 ?? [], calls);
    await peer.setRemoteDescription(sdp);
    await peer.setLocalDescription(await peer.createAnswer());
    this.#expectEnd(peer);
    const { type, sdp: text } = peer.localDescription;
    await calls.start({ type, sdp: text });
  }

  #connect(iceServers, calls) {
    const peer = new RTCPeerConnection({ iceServers });
    this.#peer = peer;
    peer.ontrack = ({ streams }) => this.#on.stream(streams[0]);
    peer.ondatachannel = ({ channel }) => this.#listen(channel);
    peer.onicecandidate = ({ candidate }) => {
      if (!candidate) return;
      // Trickled candidates are a courtesy: the connection may stand without this one.
      calls.ice(candidate.toJSON()).catch(({ message }) => this.#on.note("ice refused", message));
    };
    peer.onconnectionstatechange = () => {
      if (this.#peer !== peer) return;
      this.#on.note("peer", peer.connectionState);
      if (peer.connectionState === "connected") this.#on.up();
      if (peer.connectionState === "failed") this.#on.down("connection lost");
    };
    return peer;
  }

  /** A server may end the session before it has told of its channel. */
  #expectEnd(peer) {
    const transport = peer.sctp?.transport;
    if (!transport) return;
    transport.onstatechange = () => {
      const over = transport.state === "closed" && this.#peer === peer;
      if (over) this.#on.down("closed by the server");
    };
  }

  #listen(channel) {
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => {
      this.#on.data(typeof data === "string" ? data : new TextDecoder().decode(data));
    };
    // A server that ends the session closes the channel with it; the peer's state lags behind.
    channel.onclose = () => this.#channel === channel && this.#on.down("closed by the server");
  }

  close() {
    const peer = this.#peer;
    this.#peer = this.#channel = null;
    peer?.close();
  }
}
