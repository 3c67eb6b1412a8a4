// Lessons of one weekly time on several dates: shown once, and decided on once. Pure.

import { type Chosen, type Move, type Offer, offerKey, type Stuck, type Substitute, type When } from "./repairs";

const DAY_MS = 86_400_000;

/** 1 is Monday. */
export const weekdayOf = (day: string): number => ((new Date(Date.parse(day)).getUTCDay() + 6) % 7) + 1;

const mondayOf = (day: string): number => Date.parse(day) - (weekdayOf(day) - 1) * DAY_MS;

const timeOf = ({ day, start, end, period }: When): string => [weekdayOf(day), start, end, period].join("|");

/** In order of their first dates. */
export const stuckWeekly = (all: Stuck[]): Stuck[][] =>
  groups(all, ({ course, teacher_id, rooms, before }) => [course, teacher_id, ...rooms, timeOf(before)].join("|"));

/** Those that move to the same time of their weeks. */
export const movesWeekly = (all: Move[]): Move[][] =>
  groups(all, ({ lesson, title, teacher, rooms, before, after }) =>
    mondayOf(before.day) === mondayOf(after.day)
      ? [title, teacher, ...rooms, timeOf(before), timeOf(after)].join("|")
      : lesson,
  );

function groups<T>(all: T[], keyOf: (one: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(keyOf(one), [...(found.get(keyOf(one)) ?? []), one]);
  return [...found.values()];
}

/** A way out of several lessons at once. `times`: of how many of them. */
export interface Shared {
  offer: Offer;
  times: number;
}

/** Another date is one lesson's own; everything else can be for all. */
export function sharedOffers(weekly: Stuck[]): Shared[] {
  const times = timesOf(weekly);
  const others: Offer[] = [{ kind: "recording" }, { kind: "cancel" }, { kind: "leave" }];
  return [
    ...[...times].map(([teacher, n]) => ({ offer: { kind: "substitute" as const, teacher }, times: n })),
    ...others.map((offer) => ({ offer, times: weekly.length })),
  ];
}

/** Of how many lessons each substitute could give, the most useful first. */
function timesOf(weekly: Stuck[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { teacher } of weekly.flatMap(({ substitutes }) => substitutes)) {
    times.set(teacher, (times.get(teacher) ?? 0) + 1);
  }
  return new Map([...times].sort(([, a], [, b]) => b - a));
}

/** The lessons of several weeks with those substitutes first who could give most. */
export function steadyFirst(all: Stuck[]): Stuck[] {
  const times = new Map(stuckWeekly(all).flatMap((weekly) => weekly.map((each) => [each, timesOf(weekly)] as const)));
  return all.map((stuck) => {
    const order = times.get(stuck)!;
    const substitutes = [...stuck.substitutes].sort((a, b) => order.get(b.teacher)! - order.get(a.teacher)!);
    return { ...stuck, substitutes };
  });
}

/** What is chosen for all of them; null: not one thing, or dates of their own. */
export function sharedChoice(chosen: Chosen[]): Offer | null {
  const [first] = chosen;
  if (first === undefined || first.offer.kind === "date") return null;
  const key = offerKey(first.offer);
  return chosen.every(({ offer }) => offerKey(offer) === key) ? first.offer : null;
}

/** Where it can be had, `offer` in place of what was chosen. */
export function withShared(chosen: Chosen[], offer: Offer): Chosen[] {
  return chosen.map((one) => {
    const { kind, teacher } = offer;
    const can = kind !== "substitute" || one.stuck.substitutes.some((each) => each.teacher === teacher);
    return can ? { ...one, offer } : one;
  });
}

/** Somebody whom a person named gives them all. */
export function withNamed(chosen: Chosen[], named: Substitute): Chosen[] {
  const offer: Offer = { kind: "substitute", teacher: named.teacher };
  return chosen.map(({ stuck }) => {
    const others = stuck.substitutes.filter(({ teacher }) => teacher !== named.teacher);
    return { stuck: { ...stuck, substitutes: [...others, named] }, offer };
  });
}
