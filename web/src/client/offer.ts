// The one offer of a join: every section is allocated now, what it carries comes
// later through `replaceTrack` (publish) or a `slots` message (receive).

import type { PublicationOffer, Source } from "./wire";

export interface Shape {
  /** What this page may publish. */
  publish: Source[];
  receiveAudio: number;
  receiveVideo: number;
}

const CAMERA_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "low", scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { rid: "high", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
const SCREEN_LAYER: RTCRtpEncodingParameters = {
  maxBitrate: 1_200_000,
  maxFramerate: 15,
};

export class Sections {
  readonly senders = new Map<Source, RTCRtpTransceiver>();
  readonly receivers: RTCRtpTransceiver[] = [];

  constructor(pc: RTCPeerConnection, shape: Shape) {
    for (const source of shape.publish) this.senders.set(source, addSender(pc, source));
    for (let n = 0; n < shape.receiveAudio; n++) this.addReceiver(pc, "audio");
    for (let n = 0; n < shape.receiveVideo; n++) this.addReceiver(pc, "video");
  }

  /** After `setLocalDescription`, when the sections have their mids. */
  publications(paused: (source: Source) => boolean): PublicationOffer[] {
    return [...this.senders].map(([source, transceiver]) => ({
      source,
      kind: source === "microphone" ? "audio" : "video",
      layers: layersOf(source, transceiver.mid ?? ""),
      paused: paused(source),
    }));
  }

  private addReceiver(pc: RTCPeerConnection, kind: "audio" | "video"): void {
    const transceiver = pc.addTransceiver(kind, { direction: "recvonly" });
    if (kind === "video") preferH264(transceiver, "receiver");
    this.receivers.push(transceiver);
  }
}

function addSender(pc: RTCPeerConnection, source: Source): RTCRtpTransceiver {
  if (source === "microphone") return pc.addTransceiver("audio", { direction: "sendonly" });
  const sendEncodings = source === "camera" ? CAMERA_LAYERS : [SCREEN_LAYER];
  const transceiver = pc.addTransceiver("video", { direction: "sendonly", sendEncodings });
  preferH264(transceiver, "sender");
  return transceiver;
}

function layersOf(source: Source, mid: string): PublicationOffer["layers"] {
  if (source !== "camera") return [{ name: "high", mid }];
  return CAMERA_LAYERS.map((layer) => ({
    name: layer.rid === "low" ? "low" : "high",
    mid,
    rid: layer.rid,
    max_bps: layer.maxBitrate,
  }));
}

/** H.264 first (recording and HLS take it as it is), the rest after it: a browser
 * without H.264 must still be able to say so and be told why. */
function preferH264(transceiver: RTCRtpTransceiver, end: "sender" | "receiver"): void {
  const all = (end === "sender" ? RTCRtpSender : RTCRtpReceiver).getCapabilities("video");
  if (all === null) return;
  transceiver.setCodecPreferences(sortH264First(all.codecs));
}

export function sortH264First<C extends { mimeType: string; sdpFmtpLine?: string }>(
  codecs: C[],
): C[] {
  return [...codecs].sort((a, b) => h264Rank(a) - h264Rank(b));
}

/** Constrained baseline with packetization-mode 1 is what every end here speaks. */
function h264Rank(codec: { mimeType: string; sdpFmtpLine?: string }): number {
  if (codec.mimeType.toLowerCase() !== "video/h264") return 3;
  const line = codec.sdpFmtpLine ?? "";
  if (!line.includes("packetization-mode=1")) return 2;
  return line.includes("profile-level-id=42e0") ? 0 : 1;
}
