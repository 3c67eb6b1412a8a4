// Geometry of a week in true minutes: every school rings its own bells, so nothing here
// knows a period number. Pure; minutes count from local midnight, weekday 1 is Monday.

export interface Span {
  start: number;
  end: number;
}

/** What stands at a time of the week. */
export interface At extends Span {
  weekday: number;
}

/** The vertical axis: whole half hours around everything that is shown. */
export interface Axis {
  from: number;
  to: number;
  /** Pixels per minute. */
  scale: number;
}

const HALF_HOUR = 30;
const WORKING_DAYS = [1, 2, 3, 4, 5];
/** Shown when nothing says how long a day is. */
const EMPTY_DAY: Span = { start: 8 * 60, end: 17 * 60 };
/** A lesson of 40 minutes is then higher than a finger is wide, and has three lines. */
export const LEAST_SCALE = 1.4;

/** `height`: pixels there are; a long day scrolls rather than shrinks. */
export function axisOf(spans: Iterable<Span>, height: number): Axis {
  let [from, to] = [Infinity, -Infinity];
  for (const each of spans) {
    from = Math.min(from, each.start);
    to = Math.max(to, each.end);
  }
  if (from >= to) [from, to] = [EMPTY_DAY.start, EMPTY_DAY.end];
  from = Math.floor(from / HALF_HOUR) * HALF_HOUR;
  to = Math.ceil(to / HALF_HOUR) * HALF_HOUR;
  return { from, to, scale: Math.max(LEAST_SCALE, height / (to - from)) };
}

export const topOf = (axis: Axis, minute: number): number => (minute - axis.from) * axis.scale;

export const heightOf = (axis: Axis, span: Span): number => (span.end - span.start) * axis.scale;

export const minuteAt = (axis: Axis, y: number): number => axis.from + y / axis.scale;

/** Full hours to draw a line at. */
export function hoursOf(axis: Axis): number[] {
  const first = Math.ceil(axis.from / 60) * 60;
  const count = Math.max(0, Math.floor((axis.to - first) / 60) + 1);
  return Array.from({ length: count }, (_, n) => first + n * 60);
}

/** Monday to Friday, and the days of a weekend on which something stands. */
export function weekdaysOf(used: Iterable<number>): number[] {
  return [...new Set([...WORKING_DAYS, ...used])].sort((a, b) => a - b);
}

/** The times of the axis outside all `open` spans: lunch, before and after school. */
export function closedOf(open: Span[], axis: Axis): Span[] {
  const closed: Span[] = [];
  let at = axis.from;
  for (const each of [...open].sort((a, b) => a.start - b.start)) {
    if (each.start > at) closed.push({ start: at, end: Math.min(each.start, axis.to) });
    at = Math.max(at, each.end);
  }
  if (at < axis.to) closed.push({ start: at, end: axis.to });
  return closed;
}

/** A pause as long as this between two bells is lunch, not a break. */
const LUNCH_MINUTES = 45;

/** When lessons are held, where nobody said when pupils are there. */
export function heldBetween(bells: readonly Span[]): Span[] {
  const held: Span[] = [];
  for (const { start, end } of [...bells].sort((a, b) => a.start - b.start)) {
    const last = held.at(-1);
    if (last !== undefined && start - last.end < LUNCH_MINUTES) last.end = Math.max(last.end, end);
    else held.push({ start, end });
  }
  return held;
}

export interface Lane {
  /** From the left. */
  lane: number;
  /** Lanes that share the width. */
  of: number;
}

/** Things of one day that overlap stand side by side. In the order of `items`. */
export function lanesOf(items: readonly Span[]): Lane[] {
  const order = items.map((_, n) => n).sort((a, b) => items[a]!.start - items[b]!.start || a - b);
  const lanes: Lane[] = items.map(() => ({ lane: 0, of: 1 }));
  let group: number[] = [];
  let ends: number[] = [];
  const close = (): void => {
    for (const n of group) lanes[n]!.of = ends.length;
    [group, ends] = [[], []];
  };
  for (const n of order) {
    const { start, end } = items[n]!;
    if (group.length > 0 && ends.every((each) => each <= start)) close();
    const free = ends.findIndex((each) => each <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = end;
    lanes[n]!.lane = lane;
    group.push(n);
  }
  close();
  return lanes;
}

/** How far, in minutes, a lesson may be held beside a place and still snap to it. */
const SNAP_MINUTES = 20;

/** Index of the place that a lesson is held over, or near; -1 when none is. */
export function nearest(cells: readonly At[], weekday: number, minute: number): number {
  let [best, distance] = [-1, SNAP_MINUTES];
  cells.forEach((each, n) => {
    const away = Math.max(each.start - minute, minute - each.end, 0);
    if (each.weekday === weekday && away < distance) [best, distance] = [n, away];
  });
  return best;
}

export type Way = "up" | "down" | "left" | "right";

/** Index of the start that an arrow key leads to; the same one at the edge. */
export function neighbour(cells: readonly At[], from: number, way: Way): number {
  const here = cells[from];
  if (here === undefined) return cells.length > 0 ? 0 : -1;
  const later = way === "down" || way === "right";
  const beyond = (each: At): boolean =>
    way === "up" || way === "down"
      ? each.weekday === here.weekday && (later ? each.start > here.start : each.start < here.start)
      : later
        ? each.weekday > here.weekday
        : each.weekday < here.weekday;
  const cost = (each: At): number =>
    Math.abs(each.weekday - here.weekday) * 10_000 + Math.abs(each.start - here.start);
  let best = from;
  cells.forEach((each, n) => {
    if (beyond(each) && (best === from || cost(each) < cost(cells[best]!))) best = n;
  });
  return best;
}

/** 615 → 10:15. */
export function clockOf(minute: number): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

export const spanOf = ({ start, end }: Span): string => `${clockOf(start)}–${clockOf(end)}`;
