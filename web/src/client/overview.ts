// The status of rooms and lessons as monitoring tells it (`/status/v1/overview`).

export interface Words {
  zh: string;
  en: string;
}

export interface Trouble extends Words {
  severity: "critical" | "warning";
  code: string;
}

export interface QualityCard {
  score: number;
  grade: "excellent" | "good" | "poor" | "lost";
  word: Words;
  fps: number;
  freeze_ratio: number;
  concealed_ratio: number;
  rtt_ms?: number | null;
  loss_ratio?: number | null;
  glass_to_glass_ms?: number | null;
  degraded?: string | null;
}

export interface RoomCard {
  site_room: string;
  name: string;
  state: string;
  word: Words;
  since?: number | null;
  role?: "master" | "room" | null;
  session?: string | null;
  title?: string | null;
  on_stage: boolean;
  hand_raised: boolean;
  checks: ({ name: string; ok: boolean } & Words)[];
  quality?: QualityCard | null;
  trouble?: Trouble | null;
}

export interface LessonCard {
  session: string;
  title: string;
  subject: string;
  grade: string;
  teacher: string;
  school: string;
  state: string;
  word: Words;
  starts_at: number;
  ends_at: number;
  rooms_expected: number;
  rooms_present: number;
  missing: string[];
  recording?: string | null;
  recording_word?: Words | null;
  resource?: string | null;
  trouble?: Trouble | null;
}

export interface Overview {
  at: number;
  summary: {
    rooms: number;
    online: number;
    in_lesson: number;
    rooms_in_trouble: number;
    lessons_live: number;
    lessons_in_trouble: number;
  };
  rooms: RoomCard[];
  lessons: LessonCard[];
}

export type Tone = "good" | "warn" | "bad" | "quiet";

/** Colour of a card; the word beside it says the same. */
export function toneOf(card: { state: string; trouble?: Trouble | null }): Tone {
  if (card.trouble?.severity === "critical") return "bad";
  if (card.trouble?.severity === "warning") return "warn";
  if (["in_lesson", "waiting", "live", "ready"].includes(card.state)) return "good";
  if (["degraded", "reconnecting", "check_failed"].includes(card.state)) return "warn";
  return card.state === "failed" ? "bad" : "quiet";
}
