// The SDK and livekit-client as globals, for pages without a module loader.
import * as LiveKit from "livekit-client";
import StreamingAvatar, * as HeyGen from "sdk-2.0.17";

globalThis.HeyGen = { ...HeyGen, StreamingAvatar };
globalThis.LiveKit = LiveKit;
