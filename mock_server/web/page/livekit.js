// LiveKit's messages: the fields that a viewer with a microphone needs, with their numbers in
// livekit_rtc.proto and livekit_models.proto (github.com/livekit/protocol, protocol version 15).

import { MANY } from "./protobuf.js";

export const PROTOCOL = 15;
export const AVATAR = "heygen";
export const Target = { PUBLISHER: 0, SUBSCRIBER: 1 };
/** Type and source of a track. */
export const AUDIO = 0;
export const MICROPHONE = 2;
/** State of a participant that has left. */
export const GONE = 3;
/** What a `leave` asks for, and why one takes one's own. */
export const DISCONNECT = 0;
export const CLIENT_INITIATED = 1;

/** Why one must leave, for people; by DisconnectReason. */
export const REASONS = {
  2: "another viewer joined under the same name",
  3: "the server shuts down",
  4: "removed from the room",
  5: "closed by the server",
  6: "the server has lost this viewer",
  7: "the room could not be joined",
  10: "closed by the server",
};
/** Those after which a session needs no stop: somebody else watches it, or it is over. */
export const SETTLED = [2, 5, 10];

const Description = { type: [1, "text"], sdp: [2, "text"], id: [3, "number"] };
const Trickle = { candidateInit: [1, "text"], target: [2, "number"] };
const Track = { sid: [1, "text"], name: [3, "text"], muted: [4, "flag"] };
const Participant = {
  sid: [1, "text"],
  identity: [2, "text"],
  state: [3, "number"],
  tracks: [4, Track, MANY],
};
const IceServer = {
  urls: [1, "text", MANY],
  username: [2, "text"],
  credential: [3, "text"],
};

export const SignalRequest = {
  offer: [1, Description],
  answer: [2, Description],
  trickle: [3, Trickle],
  add_track: [
    4,
    { cid: [1, "text"], name: [2, "text"], type: [3, "number"], source: [8, "number"] },
  ],
  mute: [5, { sid: [1, "text"], muted: [2, "flag"] }],
  leave: [8, { reason: [2, "number"] }],
  ping: [14, "number"],
  ping_req: [16, { timestamp: [1, "number"] }],
};

export const SignalResponse = {
  join: [
    1,
    {
      participant: [2, Participant],
      others: [3, Participant, MANY],
      ice_servers: [5, IceServer, MANY],
      ping_timeout: [10, "number"],
      ping_interval: [11, "number"],
    },
  ],
  answer: [2, Description],
  offer: [3, Description],
  trickle: [4, Trickle],
  update: [5, { participants: [1, Participant, MANY] }],
  track_published: [6, { cid: [1, "text"], track: [2, Track] }],
  leave: [8, { reason: [2, "number"], action: [3, "number"] }],
  pong: [18, "number"],
  pong_resp: [20, { timestamp: [2, "number"] }],
};

/** What data channels carry; the payload is the sender's own. */
export const DataPacket = {
  user: [2, { payload: [2, "bytes"] }],
  participant_identity: [4, "text"],
};
