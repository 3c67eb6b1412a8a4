// The teacher's own camera, microphone and screen in this browser.

import type { Key } from "./i18n";

export type Device = "camera" | "microphone" | "screen";

/** Why a device did not open, as the key of a sentence that says what to do. */
export class DeviceError extends Error {
  constructor(readonly key: Key) {
    super(key);
  }
}

export async function openDevice(device: Device): Promise<MediaStreamTrack> {
  const track = await ask(device);
  // Tells the encoder what to keep when bits are few: movement, or sharp letters.
  if (device === "camera") track.contentHint = "motion";
  if (device === "screen") track.contentHint = "detail";
  return track;
}

async function ask(device: Device): Promise<MediaStreamTrack> {
  if (navigator.mediaDevices === undefined) throw new DeviceError("device.insecure");
  try {
    const stream = await streamOf(device);
    const [track] = stream.getTracks();
    if (track === undefined) throw new DeviceError("device.missing");
    return track;
  } catch (error) {
    throw error instanceof DeviceError ? error : new DeviceError(explain(device, error));
  }
}

function streamOf(device: Device): Promise<MediaStream> {
  const media = navigator.mediaDevices;
  if (device === "camera") {
    const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25 } };
    return media.getUserMedia({ video });
  }
  if (device === "microphone") {
    return media.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
  }
  const video = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 12, max: 15 } };
  return media.getDisplayMedia({ video });
}

function explain(device: Device, error: unknown): Key {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") {
    return device === "screen" ? "device.screen_not_chosen" : "device.not_allowed";
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") return "device.missing";
  if (name === "NotReadableError") return "device.busy";
  return "device.failed";
}

/** Loudness of a microphone, 0..1, so that a teacher sees that sound arrives. */
export class Meter {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly samples = new Float32Array(2048);
  private shown = 0;

  constructor(track: MediaStreamTrack) {
    this.analyser.fftSize = this.samples.length;
    this.context.createMediaStreamSource(new MediaStream([track])).connect(this.analyser);
    void this.context.resume();
  }

  /** -60 dBFS and below is 0, full scale is 1; falls slowly, as eyes like it. */
  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, x) => sum + x * x, 0) / this.samples.length;
    const db = 10 * Math.log10(power + 1e-9);
    this.shown = Math.max(Math.min(1, (db + 60) / 60), this.shown * 0.8);
    return this.shown;
  }

  close(): void {
    void this.context.close();
  }
}

/** Two soft notes: a room raised its hand. */
export function chime(context: AudioContext): void {
  for (const [index, hertz] of [784, 1047].entries()) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    const start = context.currentTime + index * 0.18;
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.18, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
    tone.connect(gain).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.5);
  }
}
