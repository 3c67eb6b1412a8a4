// Something that lasts: from some week on, a room is closed or a teacher away at certain
// hours of every week. It is a closed time and a draft that is mended around it; both
// are put aside together while nothing is published.

import { ApiError, call } from "./api";
import type { Side, Viewed } from "./board";
import { deleteEdition, type Edition, newEdition, solve, type Term } from "./editions";
import { WHAT } from "./repairs";

const BASE = "/api/v1/closed-times";
const MARK = "lasting-";
const MEND_S = 20;
const DAY_MS = 86_400_000;

type What = (typeof WHAT)[Side];

export interface ClosedTime extends Partial<Record<What, string | null>> {
  id: string;
  title: string;
  /** 1 is Monday. */
  weekdays: number[];
  /** null: the whole day. */
  start_minute: number | null;
  end_minute: number | null;
  /** Term weeks, such as `8-20`. */
  weeks: string;
  /** ISO; null: from the first of the weeks on. */
  first_day: string | null;
  term: string | null;
}

/** What a person enters. */
export interface Lasting {
  who: Viewed;
  /** ISO date: it begins on this day. */
  first: string;
  weekdays: number[];
  start: number | null;
  end: number | null;
  title: string;
}

/** The closed time that a draft was made for carries the draft's name in its id. */
const idOf = (edition: string): string => `${MARK}${edition}`;
export const editionOf = (closed: ClosedTime): string => closed.id.slice(MARK.length);

/** The term week of a day, as people count it; the days before week 1 count to it. */
export function weekOf({ week_1 }: Pick<Term, "week_1">, day: string): number {
  return Math.max(1, Math.floor((Date.parse(day) - Date.parse(week_1)) / (7 * DAY_MS)) + 1);
}

/** The day, ISO, on which a lasting change begins. */
export function firstDayOf({ week_1 }: Pick<Term, "week_1">, { weeks, first_day }: ClosedTime): string {
  if (first_day != null) return first_day;
  const week = Number.parseInt(weeks, 10) || 1;
  return new Date(Date.parse(week_1) + (week - 1) * 7 * DAY_MS).toISOString().slice(0, 10);
}

export function closedTimeOf(edition: string, term: Term, lasting: Lasting): ClosedTime {
  const { who, first, weekdays, start, end, title } = lasting;
  return {
    id: idOf(edition),
    title,
    [WHAT[who.side]]: who.id,
    weekdays,
    start_minute: start,
    end_minute: end,
    weeks: `${weekOf(term, first)}-${weekOf(term, term.last_day)}`,
    first_day: first,
    term: term.id,
  };
}

export function whoOf(closed: ClosedTime): Viewed {
  const sides = Object.keys(WHAT) as Side[];
  const side = sides.find((each) => closed[WHAT[each]] != null) ?? "school";
  return { side, id: closed[WHAT[side]] ?? "" };
}

/** Those of a term that were entered here; those of others are left to files. */
export async function lastingOf(term: string): Promise<ClosedTime[]> {
  const all = await call<ClosedTime[]>("GET", BASE);
  return all.filter((each) => each.id.startsWith(MARK) && each.term === term);
}

export const endLasting = (closed: ClosedTime): Promise<void> =>
  call("DELETE", `${BASE}/${encodeURIComponent(closed.id)}`);

/** A draft of the published week with the closed time in it, on its way to be mended.
 * The draft comes first, so that a closed time never stands without one to put aside. */
export async function beginLasting(term: Term, published: Edition, name: string, lasting: Lasting): Promise<Edition> {
  const week = Math.max(published.week, weekOf(term, lasting.first));
  const draft = await newEdition(term.id, name, published.id, week);
  const closed = closedTimeOf(draft.id, term, lasting);
  try {
    await call("PUT", BASE, closed);
    await solve(draft.id, MEND_S, "unbroken");
  } catch (error) {
    await putAside(closed).catch(() => undefined);
    throw error;
  }
  return draft;
}

/** As if nobody had asked. */
export async function putAside(closed: ClosedTime): Promise<void> {
  // Without its closed time a draft is harmless; the other way round it is not.
  await endLasting(closed).catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
  await deleteEdition(editionOf(closed));
}

const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
