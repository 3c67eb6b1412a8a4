// The teacher's own devices on the way into the room: open, muted, closed, unplugged.

import { type Device, DeviceError, Meter, openDevice } from "./devices";
import type { Key } from "./i18n";

export interface OwnMediaEvents {
  /** A device came (a live track) or went (null). */
  track(device: Device, track: MediaStreamTrack | null): void;
  changed(): void;
}

export class OwnMedia {
  private readonly tracks = new Map<Device, MediaStreamTrack>();
  private readonly streams = new Map<Device, MediaStream>();
  private meter: Meter | null = null;
  muted = false;
  trouble: Key | null = null;

  constructor(private readonly events: OwnMediaEvents) {}

  has(device: Device): boolean {
    return this.tracks.has(device);
  }

  stream(device: Device): MediaStream | null {
    return this.streams.get(device) ?? null;
  }

  /** A microphone is open and not muted. */
  get heard(): boolean {
    return this.has("microphone") && !this.muted;
  }

  /** 0..1; 0 without a microphone or while muted. */
  level(): number {
    return this.muted ? 0 : (this.meter?.level() ?? 0);
  }

  /** Opens it. false, with `trouble` set, when the browser or the person said no. */
  async open(device: Device): Promise<boolean> {
    if (this.has(device)) return true;
    try {
      const track = await openDevice(device);
      this.keep(device, track);
      this.trouble = null;
      return true;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.trouble = error.key;
      return false;
    } finally {
      this.events.changed();
    }
  }

  close(device: Device): void {
    const track = this.tracks.get(device);
    if (track === undefined) return;
    track.onended = null;
    track.stop();
    this.forget(device);
  }

  closeAll(): void {
    for (const device of [...this.tracks.keys()]) this.close(device);
  }

  mute(muted: boolean): void {
    this.muted = muted;
    const track = this.tracks.get("microphone");
    if (track) track.enabled = !muted;
    this.events.changed();
  }

  private keep(device: Device, track: MediaStreamTrack): void {
    track.onended = () => {
      this.forget(device);
      // A screen is stopped on purpose, with the browser's own button.
      if (device !== "screen") this.trouble = "device.gone";
      this.events.changed();
    };
    this.tracks.set(device, track);
    this.streams.set(device, new MediaStream([track]));
    if (device === "microphone") {
      track.enabled = !this.muted;
      this.meter = new Meter(track);
    }
    this.events.track(device, track);
  }

  private forget(device: Device): void {
    this.tracks.delete(device);
    this.streams.delete(device);
    if (device === "microphone") {
      this.meter?.close();
      this.meter = null;
    }
    this.events.track(device, null);
    this.events.changed();
  }
}
