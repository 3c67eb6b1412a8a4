// Somebody is away, something is closed: what would move, and agreeing to it
// (`/api/v1/terms/{id}/repairs`).

import { call } from "./api";
import type { Side } from "./board";

export interface When {
  /** ISO date; minutes from local midnight. */
  day: string;
  start: number;
  end: number;
}

export interface Move {
  lesson: string;
  title: string;
  teacher: string;
  rooms: string[];
  before: When;
  after: When;
  zh: string;
  en: string;
}

/** A lesson without a place near its own, and what could be done instead. */
export interface Stuck {
  lesson: string;
  title: string;
  teacher: string;
  rooms: string[];
  before: When;
  substitutes: { teacher: string; name: string; school: string }[];
  dates: When[];
  recording: { subject: string; grade: string; chapter: string };
}

export interface Proposal {
  id: string;
  state: "open" | "agreed" | "dropped";
  /** A lesson was changed meanwhile: it can only be made anew. */
  stale: boolean;
  who: string;
  moves: Move[];
  stuck: Stuck[];
}

export interface Absence {
  what: "teacher" | "site_room" | "school" | "class_group";
  id: string;
  first_day: string;
  last_day: string;
  start_minute: number | null;
  end_minute: number | null;
  reason: string;
}

export interface Choice {
  lesson: string;
  kind: "substitute" | "date" | "recording" | "cancel" | "leave";
  teacher?: string;
  day?: string;
  start?: number;
  resource?: string;
}

export interface Agreed {
  moved: string[];
  substituted: string[];
  cancelled: string[];
  left: string[];
}

export const WHAT = {
  room: "site_room",
  school: "school",
  teacher: "teacher",
  class: "class_group",
} as const satisfies Record<Side, Absence["what"]>;

const id = encodeURIComponent;

export const propose = (term: string, absence: Absence): Promise<Proposal> =>
  call("POST", `/api/v1/terms/${id(term)}/repairs`, absence, 60_000);

export const agree = (proposal: string, choices: Choice[]): Promise<Agreed> =>
  call("POST", `/api/v1/repairs/${id(proposal)}/agree`, { choices }, 60_000);

export const dropRepair = (proposal: string): Promise<void> =>
  call("DELETE", `/api/v1/repairs/${id(proposal)}`);

/** What a radio button of a stuck lesson stands for, as one word for the form. */
export const offerKey = (choice: Omit<Choice, "lesson">): string =>
  [choice.kind, choice.teacher ?? choice.day ?? "", choice.start ?? ""].join("|");

/** Every way out of a lesson without a place, the ones that keep it live first. */
export function offersOf(stuck: Stuck): Omit<Choice, "lesson">[] {
  return [
    ...stuck.substitutes.map((each) => ({ kind: "substitute" as const, teacher: each.teacher })),
    ...stuck.dates.map(({ day, start }) => ({ kind: "date" as const, day, start })),
    { kind: "recording" },
    { kind: "cancel" },
    { kind: "leave" },
  ];
}

/** `8:05` → 485; null where nothing, or no time, is written. */
export function minuteOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}
