import assert from "node:assert/strict";
import { test } from "node:test";
import { closedTimeOf, editionOf, firstDayOf, type Lasting, weekOf, whoOf } from "../src/client/lasting";
import {
  type Chosen,
  clashOf,
  firstChoices,
  minuteOf,
  type Offer,
  offerKey,
  offersOf,
  type Stuck,
  type When,
} from "../src/client/repairs";

const when = (day: string, start: number): When => ({ day, start, end: start + 40, period: "" });
const MONDAY = "2026-12-07";
const TUESDAY = "2026-12-08";
const LI = { teacher: "li", name: "李老师", school: "中心校" };

function stuck(lesson: string, fields: Partial<Stuck> = {}): Stuck {
  return {
    lesson,
    course: lesson,
    title: lesson,
    teacher: "王老师",
    teacher_id: "wang",
    school: "centre",
    needs: [`room:${lesson}`],
    rooms: [],
    before: when("2026-11-30", 500),
    substitutes: [],
    dates: [],
    recording: { subject: "", grade: "", chapter: "" },
    ...fields,
  };
}

const on = (one: Stuck, offer: Offer): Chosen => ({ stuck: one, offer });
const moved = (one: Stuck, day: string, start: number): Chosen =>
  on({ ...one, dates: [when(day, start)] }, { kind: "date", day, start });
const keys = (all: Stuck[]): string[] => firstChoices(all).map(({ offer }) => offerKey(offer));

test("one teacher is not chosen for two lessons at once", () => {
  const dates = [when(MONDAY, 500), when(MONDAY, 550)];
  assert.deepEqual(keys([stuck("a", { dates }), stuck("b", { dates }), stuck("c", { dates })]), [
    `date|${MONDAY}|500`,
    `date|${MONDAY}|550`,
    "leave||",
  ]);
});

test("one substitute is not chosen for two lessons at once", () => {
  const a = stuck("a", { substitutes: [LI] });
  const b = stuck("b", { substitutes: [LI], teacher_id: "zhou", dates: [when(MONDAY, 500)] });
  assert.deepEqual(keys([a, b]), ["substitute|li|", `date|${MONDAY}|500`]);
});

test("a recording and giving up are never chosen for people", () => {
  assert.deepEqual(keys([stuck("a")]), ["leave||"]);
});

test("teacher, room, class and course say why two choices clash", () => {
  const a = stuck("a");
  const other = (fields: Partial<Stuck>): Stuck => stuck("b", { teacher_id: "li", ...fields });
  const clash = (one: Stuck): string | null => clashOf(moved(a, MONDAY, 500), moved(one, MONDAY, 520));
  assert.equal(clash(other({ teacher_id: "wang" })), "teacher");
  assert.equal(clash(other({ needs: ["room:a"] })), "room");
  assert.equal(clash(other({ course: "a" })), "course");
  assert.equal(clash(other({})), null);
  const k = stuck("k", { needs: ["class:x"] });
  assert.equal(clashOf(moved(k, MONDAY, 500), moved(other({ needs: ["class:x"] }), MONDAY, 500)), "class");
});

test("lessons one after the other, on other days or given up do not clash", () => {
  const a = stuck("a");
  const b = stuck("b");
  assert.equal(clashOf(moved(a, MONDAY, 500), moved(b, MONDAY, 540)), null);
  assert.equal(clashOf(moved(a, MONDAY, 500), moved(b, TUESDAY, 500)), null);
  assert.equal(clashOf(moved(a, MONDAY, 500), on({ ...b, before: when(MONDAY, 500) }, { kind: "cancel" })), null);
});

test("two lessons of a course on one day are no news where they stay", () => {
  const a = stuck("a", { course: "music", substitutes: [LI] });
  const b = stuck("b", { course: "music", before: when("2026-11-30", 600) });
  assert.equal(clashOf(on(a, { kind: "substitute", teacher: "li" }), on(b, { kind: "leave" })), null);
});

test("a lesson without a place offers people first, then dates, then a recording", () => {
  const offers = offersOf(stuck("l", { substitutes: [LI], dates: [when(MONDAY, 660)] }));
  assert.deepEqual(
    offers.map((each) => each.kind),
    ["substitute", "date", "recording", "cancel", "leave"],
  );
  assert.equal(new Set(offers.map(offerKey)).size, offers.length);
});

test("a time of day is read in minutes, and nothing else is", () => {
  assert.deepEqual([minuteOf("08:05"), minuteOf(""), minuteOf("8h")], [485, null, null]);
});

test("what lasts is closed from the week of its first day to the end of the term", () => {
  const term = {
    id: "t",
    district: "city",
    name: "",
    week_1: "2026-08-31",
    first_day: "2026-08-29",
    last_day: "2027-01-22",
  };
  const lasting: Lasting = {
    who: { side: "room", id: "m1" },
    first: "2026-12-02",
    weekdays: [3],
    start: 780,
    end: 1020,
    title: "装修",
  };
  const closed = closedTimeOf("edn-1", term, lasting);
  assert.deepEqual([closed.weeks, closed.site_room, closed.term], ["14-21", "m1", "t"]);
  assert.equal(firstDayOf(term, closed), lasting.first);
  assert.equal(firstDayOf(term, { ...closed, first_day: null }), "2026-11-30");
  assert.equal(editionOf(closed), "edn-1");
  assert.deepEqual(whoOf(closed), lasting.who);
  assert.equal(weekOf(term, "2026-08-29"), 1);
});

test("one teacher needs the time for the way between two schools", () => {
  const ways = [
    { one: "centre", other: "huli", minutes: 20 },
    { one: "huli", other: "centre", minutes: 30 },
  ];
  const [a, b] = [stuck("a"), stuck("b", { school: "huli" })];
  const clash = (one: Stuck, start: number): string | null =>
    clashOf(moved(a, MONDAY, 500), moved(one, MONDAY, start), ways);
  assert.equal(clash(b, 569), "travel", "the longer of the two ways");
  assert.equal(clash(b, 570), null);
  assert.equal(clash({ ...b, teacher_id: "li" }, 560), null);
  assert.equal(clash({ ...b, school: "centre" }, 540), null);
});
