// A small LiveKit client: watches the avatar of a room, and publishes a microphone to it.
//
// The server offers what there is to see over one connection (the subscriber); the client offers its
// microphone over another (the publisher), made when it is first wanted.

import {
  AUDIO,
  AVATAR,
  CLIENT_INITIATED,
  DISCONNECT,
  DataPacket,
  GONE,
  MICROPHONE,
  REASONS,
  SETTLED,
  Target,
} from "./livekit.js";
import { decode } from "./protobuf.js";
import { JoinError, Signal } from "./signal.js";

/** Milliseconds from joining to the first picture, as livekit-client 2.11 has it. */
const PATIENCE = 15_000;
/** The same for a track that was announced. */
const PUBLISH_PATIENCE = 10_000;
const TRIES = 3;
/** Of a room that goes on when this viewer has given it up. */
const ALIVE = true;
const NOT_FOUND = 404;

export class Room {
  #on;
  #address = null;
  #signal = null;
  #peers = {};
  /** Candidates that came before the description they belong to. */
  #early = { [Target.SUBSCRIBER]: [], [Target.PUBLISHER]: [] };
  #iceServers = [];
  #stream = null;
  #up = false;
  #over = false;
  #tries = 0;
  #patience = 0;
  #others = new Map();
  #microphone = null;
  #published = null;

  /**
   * `on` has stream(stream), data(text), note(name, text), viewers(count), up() each time the avatar
   * is seen, and down(reason, alive) once at the end: `alive` when the room may go on.
   */
  constructor(on) {
    this.#on = on;
  }

  /** The connection that the avatar comes by; null before there is one. */
  get peer() {
    return this.#peers[Target.SUBSCRIBER] ?? null;
  }

  /** Resolves when the server has let us in; throws JoinError. */
  async join(url, token) {
    if (this.#over) return;
    this.#address = [url, token];
    this.#patience = setTimeout(() => this.#end("no picture came of the room in 15 s", ALIVE), PATIENCE);
    const signal = new Signal({
      message: (response) => this.#signal === signal && this.#take(response, signal),
      closed: () => this.#signal === signal && this.#again("its WebSocket has closed"),
    });
    this.#signal = signal;
    try {
      await signal.open(url, token);
    } catch (error) {
      clearTimeout(this.#patience);
      throw error;
    }
  }

  /** Leaves for good. */
  leave() {
    this.#signal?.send({ leave: { reason: CLIENT_INITIATED } });
    this.#over = true;
    this.#drop();
    this.#microphone?.stop();
  }

  #drop() {
    clearTimeout(this.#patience);
    const signal = this.#signal;
    this.#signal = null;
    signal?.close();
    for (const peer of Object.values(this.#peers)) peer.close();
    this.#peers = {};
    this.#early = { [Target.SUBSCRIBER]: [], [Target.PUBLISHER]: [] };
    this.#stream = null;
    this.#up = false;
    this.#others.clear();
    this.#published?.resolve();
    this.#published = null;
  }

  #end(reason, alive = false) {
    if (this.#over) return;
    this.leave();
    this.#on.down(reason, alive);
  }

  /** Joins anew after the connection was lost. */
  async #again(why) {
    if (this.#over) return;
    this.#drop();
    this.#on.note("room", `${why}; joining again`);
    this.#tries += 1;
    if (this.#tries > TRIES) return void this.#end(`connection lost: ${why}`, ALIVE);
    try {
      await this.join(...this.#address);
    } catch (error) {
      if (!(error instanceof JoinError)) throw error;
      const reason = error.status ? `joining again was refused: ${error.message}` : "connection lost";
      this.#end(reason, error.status !== NOT_FOUND);
    }
  }

  // Signalling

  async #take(response, signal) {
    try {
      await this.#follow(response);
    } catch (error) {
      // What fails of a room that was left meanwhile is of no interest.
      if (this.#signal === signal) this.#on.note("room", String(error));
    }
  }

  async #follow(response) {
    const { join, offer, answer, trickle, update, track_published, leave } = response;
    if (join) this.#joined(join);
    if (update) this.#meet(update.participants);
    if (offer) await this.#accept(offer);
    if (answer) await this.#describe(Target.PUBLISHER, { type: "answer", sdp: answer.sdp });
    if (trickle) await this.#addCandidate(trickle.target, JSON.parse(trickle.candidateInit));
    if (track_published) this.#published?.resolve(track_published.track.sid);
    if (leave?.action === DISCONNECT) {
      this.#end(REASONS[leave.reason] ?? "closed by the server", !SETTLED.includes(leave.reason));
    } else if (leave) await this.#again("the server asked for it");
  }

  #joined({ participant, others, ice_servers, ping_interval, ping_timeout }) {
    this.#on.note("room", `joined as ${participant.identity}`);
    this.#iceServers = ice_servers;
    if (ping_interval) this.#signal.keep({ interval: ping_interval, timeout: ping_timeout || 15 });
    this.#meet(others);
    if (this.#microphone) this.#publish().catch((error) => this.#on.note("microphone", error.message));
  }

  #meet(participants) {
    for (const { sid, identity, state } of participants) {
      if (state === GONE) this.#others.delete(sid);
      else this.#others.set(sid, identity);
    }
    const viewers = [...this.#others.values()].filter((identity) => identity !== AVATAR);
    this.#on.viewers(viewers.length + 1);
  }

  // Connections

  #connection(target) {
    const peer = new RTCPeerConnection({ iceServers: this.#iceServers });
    this.#peers[target] = peer;
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null || this.#peers[target] !== peer) return;
      this.#signal?.send({ trickle: { candidateInit: JSON.stringify(candidate), target } });
    };
    return peer;
  }

  async #accept({ sdp }) {
    const peer = this.peer ?? this.#subscribe();
    await this.#describe(Target.SUBSCRIBER, { type: "offer", sdp });
    await peer.setLocalDescription(await peer.createAnswer());
    this.#signal?.send({ answer: { type: "answer", sdp: peer.localDescription.sdp } });
  }

  #subscribe() {
    const peer = this.#connection(Target.SUBSCRIBER);
    peer.ontrack = ({ track }) => {
      this.#stream ??= new MediaStream();
      this.#stream.addTrack(track);
      this.#look();
    };
    peer.ondatachannel = ({ channel }) => {
      channel.binaryType = "arraybuffer";
      channel.onmessage = ({ data }) => this.#hear(data);
    };
    peer.onconnectionstatechange = () => {
      this.#on.note("peer", peer.connectionState);
      if (peer.connectionState === "failed") this.#again("its media connection failed");
      this.#look();
    };
    return peer;
  }

  /** Whether the avatar is seen from now on. */
  #look() {
    if (this.#up || this.#stream === null || this.peer?.connectionState !== "connected") return;
    this.#up = true;
    this.#tries = 0;
    clearTimeout(this.#patience);
    this.#on.stream(this.#stream);
    this.#on.up();
  }

  async #describe(target, description) {
    const peer = this.#peers[target];
    await peer?.setRemoteDescription(description);
    for (const candidate of this.#early[target].splice(0)) await peer?.addIceCandidate(candidate);
  }

  async #addCandidate(target, candidate) {
    const peer = this.#peers[target];
    if (peer?.remoteDescription) await peer.addIceCandidate(candidate);
    else this.#early[target].push(candidate);
  }

  #hear(data) {
    if (typeof data === "string") return void this.#on.note("no data packet", data);
    try {
      const { user } = decode(DataPacket, new Uint8Array(data));
      if (user?.payload) this.#on.data(new TextDecoder().decode(user.payload));
    } catch (error) {
      this.#on.note("no data packet", String(error));
    }
  }

  // Microphone

  /** Publishes a track of sound, or one in place of the former; null falls silent. */
  async speakInto(track) {
    this.#microphone?.stop();
    this.#microphone = track;
    const sid = await this.#published?.promise.catch(() => undefined);
    if (track === null) {
      if (sid) this.#signal?.send({ mute: { sid, muted: true } });
      return;
    }
    if (sid === undefined) return void (await this.#publish());
    await this.#peers[Target.PUBLISHER].getSenders()[0].replaceTrack(track);
    this.#signal?.send({ mute: { sid, muted: false } });
  }

  /** Announces the microphone, and offers it when the server has given it a sid. */
  async #publish() {
    const track = this.#microphone;
    const published = Promise.withResolvers();
    this.#published = published;
    const patience = setTimeout(() => {
      // Nothing is kept of it: another attempt begins anew.
      this.#microphone?.stop();
      this.#microphone = this.#published = null;
      published.reject(new Error("the server does not take a microphone"));
    }, PUBLISH_PATIENCE);
    const add_track = { cid: track.id, name: "microphone", type: AUDIO, source: MICROPHONE };
    this.#signal?.send({ add_track });
    await published.promise.finally(() => clearTimeout(patience));
    // Where the room was left meanwhile, whoever joins anew publishes anew.
    if (this.#published !== published) return;
    const peer = this.#connection(Target.PUBLISHER);
    peer.addTransceiver(track, { direction: "sendonly" });
    await peer.setLocalDescription(await peer.createOffer());
    this.#signal?.send({ offer: { type: "offer", sdp: peer.localDescription.sdp, id: 1 } });
  }
}
