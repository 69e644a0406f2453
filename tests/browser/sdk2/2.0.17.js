// Everything that SDK 2.0.17 exports, as one global for pages without a module loader.
import StreamingAvatar, * as HeyGen from "sdk-2.0.17";

globalThis.HeyGen = { ...HeyGen, StreamingAvatar };
