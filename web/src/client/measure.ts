// From `RTCPeerConnection.getStats()` to what we report and what we say in words.
// Names of the statistics: W3C webrtc-stats, RTCInboundRtpStreamStats and friends.

import type { Report } from "./wire";

/** Totals of one received track since its connection began. */
export interface Received {
  frames: number;
  freezes: number;
  freezeS: number;
  samples: number;
  concealed: number;
  packets: number;
  lost: number;
}

export interface Figures {
  atMs: number;
  /** By mid of the receive section. */
  received: Map<string, Received>;
  /** Of our own sending, as the far end reports it, 0..1; null when not sending. */
  sendLoss: number | null;
  rttMs: number | null;
}

interface Stat {
  readonly type: string;
  readonly [name: string]: unknown;
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

export function readFigures(stats: Iterable<Stat>, atMs: number): Figures {
  const figures: Figures = { atMs, received: new Map(), sendLoss: null, rttMs: null };
  for (const stat of stats) {
    if (stat.type === "inbound-rtp" && typeof stat["mid"] === "string") {
      figures.received.set(stat["mid"], readReceived(stat));
    } else if (stat.type === "remote-inbound-rtp") {
      figures.sendLoss = Math.max(figures.sendLoss ?? 0, number(stat["fractionLost"]));
    } else if (stat.type === "candidate-pair" && stat["nominated"] === true) {
      figures.rttMs = number(stat["currentRoundTripTime"]) * 1000;
    }
  }
  return figures;
}

function readReceived(stat: Stat): Received {
  return {
    frames: number(stat["framesDecoded"]),
    freezes: number(stat["freezeCount"]),
    freezeS: number(stat["totalFreezesDuration"]),
    samples: number(stat["totalSamplesReceived"]),
    concealed: number(stat["concealedSamples"]),
    packets: number(stat["packetsReceived"]),
    lost: Math.max(0, number(stat["packetsLost"])),
  };
}

const NOTHING: Received = {
  frames: 0,
  freezes: 0,
  freezeS: 0,
  samples: 0,
  concealed: 0,
  packets: 0,
  lost: 0,
};

/** What came on one section between two readings. */
export function since(before: Figures | null, now: Figures, mid: string): Received {
  const last = now.received.get(mid) ?? NOTHING;
  const first = before?.received.get(mid) ?? NOTHING;
  const delta = { ...NOTHING };
  for (const key of Object.keys(NOTHING) as (keyof Received)[]) {
    delta[key] = Math.max(0, last[key] - first[key]);
  }
  return delta;
}

/** Sums over all sections; null when the readings are not two moments. */
export function makeReport(before: Figures, now: Figures): Report | null {
  const intervalS = (now.atMs - before.atMs) / 1000;
  if (intervalS <= 0) return null;
  const sum = total(before, now);
  return {
    type: "report",
    interval_s: Math.min(intervalS, 120),
    video_frames: sum.frames,
    video_fps: sum.frames / intervalS,
    freezes: sum.freezes,
    freeze_s: sum.freezeS,
    audio_samples: sum.samples,
    concealed_samples: Math.min(sum.concealed, sum.samples),
  };
}

function total(before: Figures, now: Figures): Received {
  const sum = { ...NOTHING };
  for (const mid of now.received.keys()) {
    const delta = since(before, now, mid);
    for (const key of Object.keys(sum) as (keyof Received)[]) sum[key] += delta[key];
  }
  return sum;
}

export type LineWord = "good" | "fair" | "poor";

/** Our own line in one word. Thresholds: a listener notices concealment near 1 % and
 * loses words near 5 %; a talk becomes hard above 300 ms and halting above 600 ms. */
export function judgeLine(before: Figures, now: Figures): LineWord {
  const sum = total(before, now);
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
  const concealed = sum.samples > 0 ? sum.concealed / sum.samples : 0;
  const lost = sum.packets + sum.lost > 0 ? sum.lost / (sum.packets + sum.lost) : 0;
  const worstLoss = Math.max(lost, now.sendLoss ?? 0);
  const frozen = sum.freezeS / seconds;
  const rtt = now.rttMs ?? 0;
  if (concealed > 0.05 || worstLoss > 0.08 || frozen > 0.2 || rtt > 600) return "poor";
  if (concealed > 0.01 || worstLoss > 0.02 || frozen > 0.04 || rtt > 300) return "fair";
  return "good";
}
