// Moving a lesson by mouse, touch or keyboard: one table of states, no timers and no
// events of the browser in it. Pure.
//
//   idle ─press─▶ pressed ─moved / held long─▶ carried ─drop─▶ asking ─force─▶ idle
//    │               └─release─▶ idle (a click)      └─drop on a free start─▶ idle
//    └─lift (Enter, or the button "move")─▶ carried          Escape: idle, as before

import { nearest, neighbour, type Way } from "./weekgrid";
import { type Cell, nextFree } from "./whynot";

/** A lesson in hand. Without a place: it comes from the tray. */
export interface Hold {
  course: string;
  from: { weekday: number; start: number } | null;
}

export interface Point {
  x: number;
  y: number;
}

export type Carry =
  | { is: "idle" }
  | { is: "pressed"; hold: Hold; touch: boolean; at: Point }
  | {
      is: "carried";
      hold: Hold;
      /** Held by a finger or mouse button; false: by keyboard, dropped by a tap. */
      dragging: boolean;
      at: Point | null;
      /** null: not known yet. */
      cells: Cell[] | null;
      /** Index of the start it is held over; -1: none. */
      over: number;
      /** Held over the tray. */
      tray: boolean;
    }
  | { is: "asking"; hold: Hold; cell: Cell };

/** What the page does after a step. */
export type Deed =
  | { do: "ask_why_not"; hold: Hold }
  | { do: "place"; hold: Hold; cell: Cell; force: boolean }
  | { do: "remove"; hold: Hold }
  | { do: "click"; hold: Hold };

export interface Step {
  now: Carry;
  deed?: Deed;
}

export const IDLE: Carry = { is: "idle" };
const MOUSE_SLACK_PX = 4;
/** A finger trembles; further than this it scrolls. */
const TOUCH_SLACK_PX = 10;

export const press = (hold: Hold, touch: boolean, at: Point): Step => ({
  now: { is: "pressed", hold, touch, at },
});

/** Taken up by keyboard or by the button. */
export const lift = (hold: Hold): Step => carried(hold, false, null);

function carried(hold: Hold, dragging: boolean, at: Point | null): Step {
  return {
    now: { is: "carried", hold, dragging, at, cells: null, over: -1, tray: false },
    deed: { do: "ask_why_not", hold },
  };
}

/** What is under the upper edge of the held lesson; null: nothing of ours. */
export type Spot = { weekday: number; minute: number } | "tray" | null;

export function move(was: Carry, at: Point, spot: Spot): Step {
  if (was.is === "pressed") {
    const far = Math.hypot(at.x - was.at.x, at.y - was.at.y);
    if (was.touch) return far > TOUCH_SLACK_PX ? { now: IDLE } : { now: was };
    return far > MOUSE_SLACK_PX ? carried(was.hold, true, at) : { now: was };
  }
  if (was.is !== "carried" || !was.dragging) return { now: was };
  const tray = spot === "tray";
  const over =
    was.cells === null || spot === null || tray
      ? -1
      : nearest(was.cells, spot.weekday, spot.minute);
  return { now: { ...was, at, over, tray } };
}

/** A finger has rested on the lesson long enough. */
export function heldLong(was: Carry): Step {
  return was.is === "pressed" ? carried(was.hold, true, was.at) : { now: was };
}

/** The why-not map has come; an answer for a lesson put down meanwhile is dropped. */
export function known(was: Carry, hold: Hold, cells: Cell[]): Step {
  if (was.is !== "carried" || was.hold !== hold) return { now: was };
  const over = was.dragging ? -1 : firstOver(cells);
  return { now: { ...was, cells, over } };
}

/** By keyboard one begins where the lesson is, else at the first free start. */
function firstOver(cells: Cell[]): number {
  const own = cells.findIndex((each) => each.mine);
  if (own >= 0) return own;
  const free = cells.findIndex((each) => each.blockers.length === 0);
  return free >= 0 ? free : Math.min(0, cells.length - 1);
}

export function arrow(was: Carry, way: Way): Step {
  if (was.is !== "carried" || was.cells === null) return { now: was };
  return { now: { ...was, over: neighbour(was.cells, was.over, way) } };
}

export function toFree(was: Carry, step: 1 | -1): Step {
  if (was.is !== "carried" || was.cells === null) return { now: was };
  return { now: { ...was, over: nextFree(was.cells, was.over, step) } };
}

/** A start pointed at, by a tap or by the mouse without a button held. */
export function pointAt(was: Carry, over: number): Step {
  return was.is === "carried" ? { now: { ...was, over } } : { now: was };
}

export function drop(was: Carry): Step {
  if (was.is === "pressed") return { now: IDLE, deed: { do: "click", hold: was.hold } };
  if (was.is !== "carried") return { now: was };
  if (was.tray && was.hold.from !== null) {
    return { now: IDLE, deed: { do: "remove", hold: was.hold } };
  }
  const cell = was.cells?.[was.over];
  if (cell === undefined) return was.dragging ? { now: IDLE } : { now: was };
  if (cell.mine) return { now: IDLE };
  if (cell.blockers.length > 0) return { now: { is: "asking", hold: was.hold, cell } };
  return { now: IDLE, deed: { do: "place", hold: was.hold, cell, force: false } };
}

/** The person wants it there all the same. */
export function force(was: Carry): Step {
  if (was.is !== "asking") return { now: was };
  return { now: IDLE, deed: { do: "place", hold: was.hold, cell: was.cell, force: true } };
}

export const putBack = (): Step => ({ now: IDLE });
