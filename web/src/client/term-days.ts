// The days of a term by term weeks: which are holidays, and which run another day's
// lessons. Dates are ISO texts and counted in UTC, so that no clock change moves them.
// Pure, but for the calls at the end.

import { call } from "./api";
import type { LeftOut } from "./board";
import type { Term } from "./editions";

export interface CalendarDay {
  district: string;
  day: string;
  kind: "holiday" | "make_up";
  /** null: the whole district. */
  school: string | null;
  /** Of a make-up day: whose lessons run. */
  runs_week: number | null;
  runs_weekday: number | null;
  name: string;
}

export interface TermDay {
  day: string;
  week: number;
  weekday: number;
  inTerm: boolean;
}

const DAY_MS = 86_400_000;

const after = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** Rows of seven days, Monday first, from week 1 or the first day to the last. */
export function weeksOf(term: Term): TermDay[][] {
  const offset = (Date.parse(term.first_day) - Date.parse(term.week_1)) / DAY_MS;
  const weeks: TermDay[][] = [];
  for (let week = Math.min(1, Math.floor(offset / 7) + 1); ; week++) {
    const monday = after(term.week_1, (week - 1) * 7);
    if (monday > term.last_day) return weeks;
    weeks.push(
      Array.from({ length: 7 }, (_, n) => {
        const day = after(monday, n);
        return { day, week, weekday: n + 1, inTerm: term.first_day <= day && day <= term.last_day };
      }),
    );
  }
}

export interface District {
  id: string;
  name: string;
  parent: string | null;
}

/** A district, those above it and those below it: their days all count in its terms. */
export function kin(districts: readonly District[], district: string): Set<string> {
  const parents = new Map(districts.map((each) => [each.id, each.parent]));
  const above = (id: string): string[] => {
    const chain: string[] = [];
    for (let at: string | null = id; at !== null && !chain.includes(at); at = parents.get(at) ?? null) {
      chain.push(at);
    }
    return chain;
  };
  const below = districts.map((each) => each.id).filter((each) => above(each).includes(district));
  return new Set([...above(district), ...below]);
}

/** What is special about each day in these districts, what is for everybody first. */
export function byDay(special: readonly CalendarDay[], districts: Set<string>): Map<string, CalendarDay[]> {
  const found = new Map<string, CalendarDay[]>();
  for (const each of special) {
    if (!districts.has(each.district)) continue;
    found.set(each.day, [...(found.get(each.day) ?? []), each]);
  }
  for (const all of found.values()) all.sort((a, b) => (a.school ?? "").localeCompare(b.school ?? ""));
  return found;
}

const BASE = "/api/v1/calendar-days";

export const calendarDays = (): Promise<CalendarDay[]> => call("GET", BASE);

export const putDay = (day: CalendarDay): Promise<CalendarDay> => call("PUT", BASE, day);

export const removeDay = ({ district, day, school }: CalendarDay): Promise<void> =>
  call("DELETE", `${BASE}/${[district, day, school ?? "-"].map(encodeURIComponent).join("/")}`);

const termPath = (term: string): string => `/api/v1/terms/${encodeURIComponent(term)}`;

/** What of a term's calendar a person should look at, such as a year nobody has
 * published yet. */
export const calendarWarnings = async (term: string): Promise<LeftOut[]> =>
  (await call<{ warnings: LeftOut[] }>("GET", `${termPath(term)}/calendar`)).warnings;

/** An official day; a make-up day comes with a guess at what it runs, for people. */
export interface OfficialDay {
  district: string;
  day: string;
  kind: CalendarDay["kind"];
  name: string;
  /** The calendar has it already. */
  entered: boolean;
  suggestion: { runs_week: number; runs_weekday: number; zh: string; en: string } | null;
}

export interface OfficialDays {
  days: OfficialDay[];
}

/** Holidays as published by the State Council; nothing is saved. */
export const officialDays = (term: string): Promise<OfficialDays> =>
  call("POST", `${termPath(term)}/holidays`);

export const rowOf = ({ district, day, kind, name, suggestion }: OfficialDay): CalendarDay => ({
  district,
  day,
  kind,
  name,
  school: null,
  runs_week: suggestion?.runs_week ?? null,
  runs_weekday: suggestion?.runs_weekday ?? null,
});
