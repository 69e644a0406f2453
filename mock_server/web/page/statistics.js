// What the browser measures of the incoming stream, once a second.

/** Reads a peer connection's counters; rates are differences to the reading before. */
export class Statistics {
  #before = null;

  /** {width, height, fps, kbps, codec, freezes, lost} or null before the first picture. */
  async read(peer) {
    const report = await peer.getStats();
    let video = null;
    let bytes = 0;
    for (const entry of report.values()) {
      if (entry.type !== "inbound-rtp") continue;
      bytes += entry.bytesReceived ?? 0;
      if (entry.kind === "video") video = entry;
    }
    if (!video?.frameWidth) return null;
    const now = { at: video.timestamp, bytes, frames: video.framesDecoded };
    const before = this.#before ?? now;
    this.#before = now;
    const seconds = (now.at - before.at) / 1000;
    return {
      width: video.frameWidth,
      height: video.frameHeight,
      fps: seconds > 0 ? (now.frames - before.frames) / seconds : (video.framesPerSecond ?? 0),
      kbps: seconds > 0 ? ((now.bytes - before.bytes) * 8) / seconds / 1000 : null,
      codec: report.get(video.codecId)?.mimeType?.split("/")[1] ?? "",
      freezes: video.freezeCount ?? 0,
      lost: video.packetsLost ?? 0,
    };
  }
}
