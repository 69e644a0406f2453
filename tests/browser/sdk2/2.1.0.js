// Everything that SDK 2.1.0 exports, as one global for pages without a module loader.
import StreamingAvatar, * as HeyGen from "sdk-2.1.0";

globalThis.HeyGen = { ...HeyGen, StreamingAvatar };
