// Everything the official SDK exports, as one global for pages without a module loader.
import * as HeyGen from "@heygen/streaming-avatar";

globalThis.HeyGen = HeyGen;
