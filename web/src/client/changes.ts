// Notices of lessons that were changed: what a room's screen tells of them for some
// days, and what a teacher or a school's person reads of their own.

import { call, queryOf } from "./api";
import type { Words } from "./overview";

export interface Told {
  /** The repair it tells of; null: a newly published week. */
  repair: string | null;
  /** Unix seconds. */
  at: number;
  lessons: Words[];
}

/** As the server has it. */
export interface Note extends Told {
  id: string;
  /** null also once the edition is deleted. */
  edition: string | null;
  /** The first day on which it is so, as an ISO date. */
  from_day: string;
}

const DAY_S = 86_400;
const SHOWN_S = 3 * DAY_S;
const READ_S = 14 * DAY_S;
const LINES = 2;

export const toldTo = (siteRoom: string): Promise<Told[]> =>
  call("GET", `/api/v1/notices${queryOf({ site_room: siteRoom })}`);

/** The newest sentences of the last days. A whole new week is for paper, not for here. */
export function recentChanges(told: Told[], now: number): Words[] {
  return told
    .filter((each) => each.repair !== null && now - each.at < SHOWN_S)
    .flatMap((each) => each.lessons)
    .slice(0, LINES);
}

/** Everything a person was told, as a teacher and for their school. */
export async function notesFor(teacher: string | null, school: string | null): Promise<Note[]> {
  const asked = [teacher === null ? null : { teacher }, school === null ? null : { school }];
  const told = await Promise.all(
    asked
      .filter((each) => each !== null)
      .map((each) => call<Note[]>("GET", `/api/v1/notices${queryOf(each)}`)),
  );
  return told.flat();
}

/**
 * Of the last fourteen days, newest first. What a teacher and the school were told of
 * the same repair or edition is one thing.
 */
export function ownChanges(notes: Note[], now: number): Note[] {
  const found = new Map<string, Note>();
  for (const note of notes) {
    if (now - note.at >= READ_S) continue;
    // Told at one moment by an edition that is deleted now.
    const key = note.repair ?? note.edition ?? String(note.at);
    const there = found.get(key);
    const lessons = there?.lessons ?? [];
    const known = new Set(lessons.map((each) => each.zh));
    const fresh = note.lessons.filter((each) => !known.has(each.zh));
    found.set(key, { ...(there ?? note), lessons: [...lessons, ...fresh] });
  }
  return [...found.values()].sort((a, b) => b.at - a.at);
}

/** Something that a person may not have read yet. */
export const isNews = (notes: Note[], now: number): boolean =>
  notes.some((each) => now - each.at < SHOWN_S);
