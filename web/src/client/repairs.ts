// Somebody is away, something is closed: what would move, and agreeing to it
// (`/api/v1/terms/{id}/repairs`).

import { call } from "./api";
import type { Side } from "./board";

export interface When {
  /** ISO date; minutes from local midnight. */
  day: string;
  /** What the bells of that day call it; empty between them. */
  period: string;
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

export interface Substitute {
  teacher: string;
  name: string;
  /** Its name. */
  school: string;
}

/** A lesson without a place near its own, and what could be done instead. */
export interface Stuck {
  lesson: string;
  course: string;
  title: string;
  teacher: string;
  teacher_id: string;
  /** Of the master room. */
  school: string;
  /** `room:id`, `class:id`: who cannot be in two lessons at once. */
  needs: string[];
  rooms: string[];
  before: When;
  substitutes: Substitute[];
  dates: When[];
  recording: { subject: string; grade: string; chapter: string };
}

/** Minutes between two schools; either way takes the longer of two. */
export interface Way {
  one: string;
  other: string;
  minutes: number;
}

export interface Proposal {
  id: string;
  state: "open" | "agreed" | "dropped";
  /** A lesson was changed meanwhile: it can only be made anew. */
  stale: boolean;
  absence: Absence;
  who: string;
  moves: Move[];
  stuck: Stuck[];
  ways: Way[];
  /** From when on nobody was away any more, the last time that was said. */
  ended: { from_day: string } | null;
  /** Lessons that might come back if it ended now. */
  ahead: number;
}

export interface Absence {
  what: "teacher" | "site_room" | "school" | "class_group";
  id: string;
  first_day: string;
  last_day: string;
  /** 1 is Monday. */
  weekdays: number[];
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

/** An absence that ends sooner. Each lesson in one sentence. */
export interface Ending {
  /** The first day on which nobody is away any more. */
  from_day: string;
  back: { zh: string; en: string }[];
  /** And why; `own`: when it would have been. */
  stays: { title: string; own: When; zh: string; en: string }[];
  /** Notices that were stored. */
  told: number;
}

export const WHAT = {
  room: "site_room",
  school: "school",
  teacher: "teacher",
  class: "class_group",
} as const satisfies Record<Side, Absence["what"]>;

const id = encodeURIComponent;
/** A whole term is looked at week by week. */
const LONG_MS = 150_000;

export const propose = (term: string, absence: Absence): Promise<Proposal> =>
  call("POST", `/api/v1/terms/${id(term)}/repairs`, absence, LONG_MS);

export const agree = (proposal: string, choices: Choice[]): Promise<Agreed> =>
  call("POST", `/api/v1/repairs/${id(proposal)}/agree`, { choices }, LONG_MS);

export const dropRepair = (proposal: string): Promise<void> =>
  call("DELETE", `/api/v1/repairs/${id(proposal)}`);

/** The newest of a term, whatever became of them. */
export const repairsOf = (term: string): Promise<Proposal[]> => call("GET", `/api/v1/terms/${id(term)}/repairs`);

/** `check`: say what would come back, and change nothing. */
export const endRepair = (proposal: string, from_day: string, check: boolean): Promise<Ending> =>
  call("POST", `/api/v1/repairs/${id(proposal)}/end${check ? "?check=true" : ""}`, { from_day }, LONG_MS);

/** Everybody who could be asked, whatever they teach: a leave is often filled by somebody new. */
export async function anybody(): Promise<Substitute[]> {
  const [teachers, schools] = await Promise.all([
    call<{ id: string; name: string; school: string }[]>("GET", "/api/v1/teachers"),
    call<{ id: string; name: string }[]>("GET", "/api/v1/schools"),
  ]);
  const nameOf = new Map(schools.map((each) => [each.id, each.name]));
  return teachers.map(({ id: teacher, name, school }) => ({ teacher, name, school: nameOf.get(school) ?? school }));
}

/** A way out of one lesson without a place. */
export type Offer = Omit<Choice, "lesson">;

const LEAVE: Offer = { kind: "leave" };

/** What a radio button of a stuck lesson stands for, as one word for the form. */
export const offerKey = (choice: Offer): string =>
  [choice.kind, choice.teacher ?? choice.day ?? "", choice.start ?? ""].join("|");

/** Every way out of a lesson without a place, the ones that keep it live first. */
export function offersOf(stuck: Stuck): Offer[] {
  return [
    ...stuck.substitutes.map((each) => ({ kind: "substitute" as const, teacher: each.teacher })),
    ...stuck.dates.map(({ day, start }) => ({ kind: "date" as const, day, start })),
    { kind: "recording" },
    { kind: "cancel" },
    LEAVE,
  ];
}

/** One lesson and what was chosen for it. */
export interface Chosen {
  stuck: Stuck;
  offer: Offer;
}

/** Why two choices do not go together. */
export type ClashKind = "teacher" | "room" | "class" | "course" | "travel";

/** Judged before anything is sent; the server judges all of it again. */
export function clashOf(one: Chosen, other: Chosen, ways: Way[] = []): ClashKind | null {
  const [here, there] = [whenOf(one), whenOf(other)];
  if (here === null || there === null || here.day !== there.day) return null;
  // Lessons that stay where they are were planned so.
  const planned = one.offer.kind !== "date" && other.offer.kind !== "date";
  if (!planned && one.stuck.course === other.stuck.course) return "course";
  const isOneTeacher = teacherOf(one) === teacherOf(other);
  const changed = !planned || one.offer.kind === "substitute" || other.offer.kind === "substitute";
  const between = Math.max(here.start - there.end, there.start - here.end);
  if (between >= 0) return isOneTeacher && changed && between < wayOf(one, other, ways) ? "travel" : null;
  if (isOneTeacher) return "teacher";
  const shared = one.stuck.needs.find((each) => other.stuck.needs.includes(each));
  if (shared === undefined) return null;
  return shared.startsWith("class:") ? "class" : "room";
}

function wayOf({ stuck: { school: a } }: Chosen, { stuck: { school: b } }: Chosen, ways: Way[]): number {
  if (a === b) return 0;
  const found = ways.filter(({ one, other }) => (one === a && other === b) || (one === b && other === a));
  return Math.max(0, ...found.map(({ minutes }) => minutes));
}

/** When the lesson would be; null: it is given up. */
function whenOf({ stuck, offer }: Chosen): When | null {
  if (offer.kind === "recording" || offer.kind === "cancel") return null;
  if (offer.kind !== "date") return stuck.before;
  return stuck.dates.find((each) => each.day === offer.day && each.start === offer.start) ?? null;
}

const teacherOf = ({ stuck, offer }: Chosen): string => offer.teacher ?? stuck.teacher_id;

/** For each lesson the first offer that goes with those before it. A recording must be
 * named and giving up is no one's wish: neither is chosen for people. */
export function firstChoices(all: Stuck[], ways: Way[] = []): Chosen[] {
  const chosen: Chosen[] = [];
  for (const stuck of all) {
    const live = offersOf(stuck).filter(({ kind }) => kind === "substitute" || kind === "date");
    const fits = live.find((offer) => chosen.every((each) => clashOf(each, { stuck, offer }, ways) === null));
    chosen.push({ stuck, offer: fits ?? LEAVE });
  }
  return chosen;
}

/** `8:05` → 485; null where nothing, or no time, is written. */
export function minuteOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}
