import assert from "node:assert/strict";
import { test } from "node:test";
import { type Board, BoardIndex, changed, findNamed } from "../src/client/board";
import {
  arrow,
  type Carry,
  drop,
  force,
  heldLong,
  IDLE,
  known,
  lift,
  move,
  press,
  putBack,
  toFree,
} from "../src/client/carry";
import { chartOf, type Progress } from "../src/client/solving";
import {
  axisOf,
  clockOf,
  closedOf,
  heightOf,
  heldBetween,
  hoursOf,
  lanesOf,
  LEAST_SCALE,
  minuteAt,
  nearest,
  neighbour,
  topOf,
  weekdaysOf,
} from "../src/client/weekgrid";
import {
  baseCost,
  type Blocker,
  type Cell,
  difference,
  nextFree,
  reasons,
  toneOf,
} from "../src/client/whynot";

const blocker = (zh: string): Blocker => ({
  kind: "lesson",
  who: "t",
  who_name: "",
  by: "c",
  by_name: "",
  minutes: 40,
  locked: false,
  zh,
  en: zh,
});

const cell = (weekday: number, start: number, more: Partial<Cell> = {}): Cell => ({
  weekday,
  start,
  end: start + 40,
  cost: 0,
  blockers: [],
  mine: false,
  ...more,
});

// --- geometry ---------------------------------------------------------------

test("the axis goes in whole half hours round everything shown", () => {
  const axis = axisOf([{ start: 500, end: 545 }, { start: 900, end: 970 }], 0);
  assert.deepEqual(axis, { from: 480, to: 990, scale: LEAST_SCALE });
});

test("a short day fills the height there is", () => {
  const axis = axisOf([{ start: 480, end: 600 }], 600);
  assert.equal(axis.scale, 5);
  assert.equal(topOf(axis, 540), 300);
  assert.equal(heightOf(axis, { start: 540, end: 580 }), 200);
  assert.equal(minuteAt(axis, 300), 540);
});

test("a week without a bell still shows a working day", () => {
  const { from, to } = axisOf([], 0);
  assert.deepEqual([clockOf(from), clockOf(to)], ["08:00", "17:00"]);
  assert.equal(hoursOf({ from, to, scale: 1 }).length, 10);
});

test("a weekend is shown when something stands on it", () => {
  assert.deepEqual(weekdaysOf([]), [1, 2, 3, 4, 5]);
  assert.deepEqual(weekdaysOf([6, 3]), [1, 2, 3, 4, 5, 6]);
});

test("what is not open is closed: before school, at lunch and after", () => {
  const axis = { from: 480, to: 1020, scale: 1 };
  const open = [{ start: 840, end: 960 }, { start: 500, end: 700 }];
  assert.deepEqual(closedOf(open, axis), [
    { start: 480, end: 500 },
    { start: 700, end: 840 },
    { start: 960, end: 1020 },
  ]);
  assert.deepEqual(closedOf([], axis), [{ start: 480, end: 1020 }]);
});

test("a long pause between bells is lunch", () => {
  const bells = [{ start: 840, end: 880 }, { start: 500, end: 540 }, { start: 550, end: 590 }];
  assert.deepEqual(heldBetween(bells), [{ start: 500, end: 590 }, { start: 840, end: 880 }]);
});

test("lessons that overlap stand side by side, the next one has the whole width", () => {
  const lanes = lanesOf([
    { start: 480, end: 520 },
    { start: 500, end: 540 },
    { start: 520, end: 560 },
    { start: 600, end: 640 },
  ]);
  assert.deepEqual(lanes, [
    { lane: 0, of: 2 },
    { lane: 1, of: 2 },
    { lane: 0, of: 2 },
    { lane: 0, of: 1 },
  ]);
});

test("a lesson snaps to the place it is held over, or to one near by", () => {
  const cells = [cell(1, 500), cell(1, 545), cell(2, 510)];
  assert.equal(nearest(cells, 1, 538), 0);
  assert.equal(nearest(cells, 1, 546), 1);
  assert.equal(nearest(cells, 1, 490), 0);
  assert.equal(nearest(cells, 2, 500), 2);
  assert.equal(nearest(cells, 3, 500), -1);
  assert.equal(nearest(cells, 1, 700), -1);
});

test("arrows go to the next start of the day and to the like time of the next day", () => {
  const cells = [cell(1, 500), cell(1, 560), cell(3, 505), cell(3, 570)];
  assert.equal(neighbour(cells, 0, "down"), 1);
  assert.equal(neighbour(cells, 1, "down"), 1);
  assert.equal(neighbour(cells, 1, "right"), 3);
  assert.equal(neighbour(cells, 3, "left"), 1);
  assert.equal(neighbour(cells, 3, "up"), 2);
  assert.equal(neighbour(cells, 0, "left"), 0);
});

// --- why not ----------------------------------------------------------------

test("a start is free, costs more, is blocked, or is the lesson's own", () => {
  const cells = [
    cell(1, 500, { mine: true, cost: 3 }),
    cell(1, 560, { cost: 3 }),
    cell(2, 500, { cost: 5 }),
    cell(2, 560, { cost: 0, blockers: [blocker("x")] }),
    cell(3, 500, { cost: 1 }),
  ];
  const base = baseCost(cells);
  assert.deepEqual(
    cells.map((each) => toneOf(each, base)),
    ["own", "free", "costly", "blocked", "free"],
  );
  assert.deepEqual(
    cells.map((each) => difference(each, base)),
    ["±0", "±0", "+2", "−3", "−2"],
  );
});

test("a lesson from the tray is compared with the best free start", () => {
  const blocked = cell(1, 500, { cost: 0, blockers: [blocker("x")] });
  assert.equal(baseCost([blocked, cell(1, 560, { cost: 4 }), cell(2, 500, { cost: 2 })]), 2);
  assert.equal(baseCost([blocked]), 0);
});

test("one lesson in the way of teacher and room is named once", () => {
  assert.deepEqual(reasons([blocker("甲"), blocker("乙"), blocker("甲")]), ["甲", "乙"]);
});

test("the next free start is found round the end of the week", () => {
  const cells = [cell(1, 500), cell(1, 560, { mine: true }), cell(2, 500, { blockers: [blocker("x")] })];
  assert.equal(nextFree(cells, 1, 1), 0);
  assert.equal(nextFree(cells, 1, -1), 0);
  assert.equal(nextFree(cells.slice(1), 0, 1), 0);
});

// --- carrying ---------------------------------------------------------------

const hold = { course: "c", from: { weekday: 1, start: 500 } };
const here = { x: 100, y: 100 };
const cells = [cell(1, 500, { mine: true }), cell(1, 560), cell(2, 500, { blockers: [blocker("x")] })];

const carrying = (touch = false): Carry => {
  const pressed = press(hold, touch, here).now;
  const begun = touch ? heldLong(pressed) : move(pressed, { x: 100, y: 110 }, null);
  assert.equal(begun.deed?.do, "ask_why_not");
  return known(begun.now, hold, cells).now;
};

test("a mouse that hardly moves has clicked", () => {
  const still = move(press(hold, false, here).now, { x: 102, y: 101 }, null);
  assert.equal(still.now.is, "pressed");
  assert.equal(drop(still.now).deed?.do, "click");
});

test("a finger that moves at once scrolls; one that rests lifts the lesson", () => {
  assert.deepEqual(move(press(hold, true, here).now, { x: 100, y: 115 }, null), { now: IDLE });
  assert.equal(carrying(true).is, "carried");
});

test("dropped on a free start a lesson goes there", () => {
  const over = move(carrying(), here, { weekday: 1, minute: 570 }).now;
  assert.deepEqual(drop(over), {
    now: IDLE,
    deed: { do: "place", hold, cell: cells[1], force: false },
  });
});

test("dropped beside every start, or where it was, nothing happens", () => {
  assert.deepEqual(drop(move(carrying(), here, null).now), { now: IDLE });
  assert.deepEqual(drop(move(carrying(), here, { weekday: 1, minute: 495 }).now), { now: IDLE });
});

test("dropped on the tray a lesson loses its place, one from the tray stays there", () => {
  assert.deepEqual(drop(move(carrying(), here, "tray").now).deed, { do: "remove", hold });
  const fromTray = press({ course: "c", from: null }, false, here).now;
  const lifted = move(fromTray, { x: 0, y: 0 }, null).now;
  assert.deepEqual(drop(move(lifted, here, "tray").now), { now: IDLE });
});

test("dropped on a blocked start the person is asked, and may insist", () => {
  const asked = drop(move(carrying(), here, { weekday: 2, minute: 500 }).now);
  assert.equal(asked.now.is, "asking");
  assert.equal(asked.deed, undefined);
  assert.deepEqual(force(asked.now).deed, { do: "place", hold, cell: cells[2], force: true });
  assert.deepEqual(putBack(), { now: IDLE });
});

test("by keyboard one begins at the lesson's own place and walks from start to start", () => {
  const lifted = known(lift(hold).now, hold, cells).now;
  assert.deepEqual(lifted.is === "carried" && [lifted.dragging, lifted.over], [false, 0]);
  const down = arrow(lifted, "down").now;
  assert.equal(drop(down).deed?.do, "place");
  const right = arrow(lifted, "right").now;
  assert.equal(drop(right).now.is, "asking");
  const free = toFree(right, 1).now;
  assert.equal(free.is === "carried" && free.over, 1);
});

test("from the tray one begins at the first free start", () => {
  const fromTray = { course: "c", from: null };
  const some = [cell(1, 500, { blockers: [blocker("x")] }), cell(1, 560)];
  const lifted = known(lift(fromTray).now, fromTray, some).now;
  assert.equal(lifted.is === "carried" && lifted.over, 1);
});

test("an answer that comes after the lesson was put down is dropped", () => {
  assert.deepEqual(known(IDLE, hold, cells), { now: IDLE });
  const other = lift({ ...hold }).now;
  assert.deepEqual(known(other, hold, cells), { now: other });
});

// --- the board --------------------------------------------------------------

const board: Board = {
  id: "e",
  name: "",
  state: "draft",
  revision: 1,
  courses: [
    {
      id: "c",
      name: "三年级音乐",
      subject: "音乐",
      grade: "三年级",
      teacher: "wang",
      master_room: "m1",
      master_class: "k1",
      receivers: [{ room: "p1", class_group: "k2" }],
      minutes: 40,
      lessons_a_week: 2,
      weeks: "all",
      kind: "delivery",
    },
  ],
  placements: [
    { course: "c", weekday: 1, start: 500, end: 540, origin: "solver", locked: false, cost: 1 },
  ],
  unplaced: [{ course: "c", missing: 1 }],
  busy: [
    { resource_kind: "teacher", resource: "wang", weekday: 2, start: 500, end: 540, title: "班会", kind: "local" },
  ],
  schools: [
    { id: "s", name: "中心校", bells: {}, windows: {} },
    { id: "p", name: "教学点", bells: {}, windows: {} },
  ],
  rooms: [
    { id: "m1", name: "主讲教室", school: "s", kind: "master" },
    { id: "p1", name: "教学点 教室", school: "p", kind: "receiving" },
  ],
  teachers: [{ id: "wang", name: "王老师", school: "s" }],
  class_groups: [
    { id: "k1", name: "三（1）班", school: "s" },
    { id: "k2", name: "全校班", school: "p" },
  ],
  problems: [],
  warnings: [],
  undo_zh: "",
  undo_en: "",
  term: "t",
  editable: true,
  week: 1,
  own_week: 1,
  cost: { total: 1, misfit: 1, edge: 0, subject: 0, spread: 0, gap: 0, load: 0, move: 0 },
  can_undo: false,
  can_redo: false,
};

test("a lesson is seen from each of its rooms, schools, its teacher and classes", () => {
  const index = new BoardIndex(board);
  const seen = (side: "room" | "school" | "teacher" | "class", id: string): number =>
    index.lessonsOf({ side, id }).length;
  assert.deepEqual(
    [seen("room", "m1"), seen("room", "p1"), seen("school", "s"), seen("school", "p")],
    [1, 1, 1, 1],
  );
  assert.deepEqual([seen("teacher", "wang"), seen("class", "k2"), seen("class", "k9")], [1, 1, 0]);
  assert.equal(index.busyOf({ side: "school", id: "s" }).length, 1);
  assert.deepEqual(index.tray({ side: "school", id: "p" }), board.unplaced);
  assert.deepEqual(index.sitesOf(board.courses[0]!), ["s", "p"]);
  assert.deepEqual([index.roomName("m1"), index.roomName("p1")], ["中心校 主讲教室", "教学点 教室"]);
});

test("a change is shown before the server has agreed, and the old board is untouched", () => {
  const at = { course: "c", weekday: 1, start: 500 };
  const moved = changed(board, { kind: "move", ...at, to_weekday: 3, to_start: 600 });
  assert.deepEqual(
    moved.placements.map((each) => [each.weekday, each.start, each.end, each.origin]),
    [[3, 600, 640, "person"]],
  );
  const placed = changed(board, { kind: "place", course: "c", weekday: 2, start: 560 });
  assert.deepEqual([placed.placements.length, placed.unplaced.length], [2, 0]);
  const removed = changed(board, { kind: "remove", ...at });
  assert.deepEqual(removed.unplaced, [{ course: "c", missing: 2 }]);
  assert.equal(changed(board, { kind: "lock", ...at }).placements[0]!.locked, true);
  assert.equal(board.placements[0]!.locked, false);
});

test("a name is found by any of its words, the ones that begin with it first", () => {
  const all = ["定远县中心校", "中心小学", "年家岗"].map((name, n) => ({ id: `s${n}`, name, school: "" }));
  assert.deepEqual(
    findNamed(all, "中心", 9).map((each) => each.id),
    ["s1", "s0"],
  );
  assert.equal(findNamed(all, "", 2).length, 2);
  assert.equal(findNamed(all, "中心 定远", 9).length, 1);
});

// --- solving ----------------------------------------------------------------

const step = (seconds: number, cost: number | null, more: Partial<Progress> = {}): Progress => ({
  phase: "improving",
  seconds,
  cost,
  bound: null,
  placed: 10,
  unplaced: 0,
  proven: false,
  ...more,
});

test("the chart steps down from the first cost to the last", () => {
  const incomplete = step(0.5, 7, { unplaced: 3 });
  const steps = [step(0, null), incomplete, step(1, 100), step(2, 50), step(4, 50)];
  const path = chartOf(steps, 100, 40);
  assert.equal(path, "M25.0 0.0H50.0V40.0H100.0V40.0H100.0");
  assert.equal(chartOf([step(1, 5)], 100, 40), "");
});
