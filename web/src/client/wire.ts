// The messages between a participant and the SFU: the same shapes, names and
// limits as `common/protocol/signalling.py`, which is the law. Wire version 1.

export const WIRE_VERSION = 1;

export type Role = "master" | "assistant" | "room" | "observer" | "recorder" | "operator";
export type Source = "camera" | "board" | "screen" | "microphone";
export type Kind = "audio" | "video";
export type LayerName = "low" | "mid" | "high";

export interface LayerOffer {
  name: LayerName;
  mid: string;
  rid?: string;
  width?: number;
  height?: number;
  max_bps?: number;
}

export interface PublicationOffer {
  source: Source;
  kind: Kind;
  layers: LayerOffer[];
  /** It carries nothing yet. */
  paused: boolean;
}

/** What this participant measured since its last report. */
export interface Report {
  type: "report";
  interval_s: number;
  video_frames: number;
  video_fps: number;
  freezes: number;
  freeze_s: number;
  audio_samples: number;
  concealed_samples: number;
  join_ms?: number;
}

export type ParticipantMessage =
  | {
      type: "join";
      version: number;
      token: string;
      name: string;
      offer?: string;
      publications: PublicationOffer[];
    }
  | { type: "leave" }
  | { type: "raise_hand"; raised: boolean }
  | { type: "set_stage"; participant: string; on_stage: boolean }
  | { type: "set_muted"; participant: string; muted: boolean }
  | { type: "set_paused"; publication: string; paused: boolean }
  | { type: "lower_hand"; participant: string }
  | Report
  | { type: "ping"; id: number };

export interface PublicationState {
  id: string;
  source: Source;
  kind: Kind;
  layers: LayerName[];
  muted: boolean;
  /** Its owner sends nothing in it now. */
  paused: boolean;
}

export interface ParticipantState {
  id: string;
  name: string;
  role: Role;
  /** Which real classroom this is; absent for a person's browser. */
  site_room?: string;
  on_stage: boolean;
  muted: boolean;
  /** Unix seconds; hands are ordered by it. */
  hand_raised_at?: number;
  publications: PublicationState[];
}

export interface RoomState {
  type: "room_state";
  /** Grows with every change. */
  version: number;
  room: string;
  title: string;
  ends_at?: number;
  recording: boolean;
  dominant_speaker?: string;
  participants: ParticipantState[];
}

export interface SlotState {
  mid: string;
  kind: Kind;
  participant?: string;
  publication?: string;
  source?: Source;
  /** Absent with a publication: paused, see `reason`. */
  layer?: LayerName;
  reason?: "bandwidth" | "publisher_gone" | "muted" | "paused";
}

export type ByeReason =
  | "lesson_ended"
  | "removed"
  | "replaced"
  | "shutdown"
  | "media_lost";

export interface Joined {
  type: "joined";
  version: number;
  participant: string;
  answer?: string | null;
  control: boolean;
  publications: Record<string, string>;
  state: RoomState;
  slots: SlotState[];
}

export interface Bye {
  type: "bye";
  reason: ByeReason;
  /** Come back by yourself. */
  retry: boolean;
}

export interface WireError {
  type: "error";
  code: string;
  zh: string;
  en: string;
  fatal: boolean;
}

export type SfuMessage =
  | Joined
  | RoomState
  | { type: "slots"; slots: SlotState[] }
  | { type: "demand"; publication: string; layers: LayerName[]; max_bps: Record<string, number> }
  | { type: "pong"; id: number }
  | Bye
  | WireError;

/** null for what this page does not know: a newer SFU may say more. */
export function readSfuMessage(text: string): SfuMessage | null {
  const known = ["joined", "room_state", "slots", "demand", "pong", "bye", "error"];
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return null;
  const type = (value as { type?: unknown }).type;
  return typeof type === "string" && known.includes(type) ? (value as SfuMessage) : null;
}
