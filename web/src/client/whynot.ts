// What the colours of a lifted lesson mean: where it can go, at what cost, and who
// keeps it from going there. Pure.

import { pick } from "./i18n";
import type { At } from "./weekgrid";

/** Who stands in the way, for how many minutes; the sentence comes from the server. */
export interface Blocker {
  kind: string;
  who: string;
  who_name: string;
  by: string;
  by_name: string;
  minutes: number;
  locked: boolean;
  zh: string;
  en: string;
}

/** One start of the week for a lifted lesson. */
export interface Cell extends At {
  /** Soft cost of the lesson here, in points. */
  cost: number;
  blockers: Blocker[];
  /** Where it came from. */
  mine: boolean;
}

export type Tone = "own" | "free" | "costly" | "blocked";

/** What the costs are compared with: its own place, else the best free one. */
export function baseCost(cells: readonly Cell[]): number {
  const own = cells.find((each) => each.mine);
  if (own !== undefined) return own.cost;
  const free = cells.filter((each) => each.blockers.length === 0);
  return free.length === 0 ? 0 : Math.min(...free.map((each) => each.cost));
}

export function toneOf(cell: Cell, base: number): Tone {
  if (cell.mine) return "own";
  if (cell.blockers.length > 0) return "blocked";
  return cell.cost > base ? "costly" : "free";
}

/** `+3`, `−2`, `±0`: points more or less than before. */
export function difference(cell: Cell, base: number): string {
  const more = cell.cost - base;
  if (more === 0) return "±0";
  return more > 0 ? `+${more}` : `−${-more}`;
}

/** Each sentence once: a teacher and a room may be held by the same lesson. */
export function reasons(blockers: readonly Blocker[]): string[] {
  return [...new Set(blockers.map(pick))];
}

/** Index of the next start without a blocker, round the week; `from` when there is none. */
export function nextFree(cells: readonly Cell[], from: number, step: 1 | -1): number {
  const order = cells.map((_, n) => n);
  order.sort((a, b) => cells[a]!.weekday - cells[b]!.weekday || cells[a]!.start - cells[b]!.start);
  const here = order.indexOf(from);
  for (let n = 1; n < order.length; n++) {
    const at = order[(here + step * n + order.length * 2) % order.length]!;
    if (cells[at]!.blockers.length === 0 && !cells[at]!.mine) return at;
  }
  return from;
}
