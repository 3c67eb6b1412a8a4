import assert from "node:assert/strict";
import { test } from "node:test";
import { isNews, type Note, ownChanges, recentChanges, type Told } from "../src/client/changes";

const NOW = 1_790_000_000;
const told = (repair: string | null, hoursAgo: number, ...lines: string[]): Told => ({
  repair,
  at: NOW - hoursAgo * 3600,
  lessons: lines.map((line) => ({ zh: line, en: line })),
});
const shown = (...all: Told[]): string[] => recentChanges(all, NOW).map((each) => each.zh);

test("the newest two changes of the last three days are shown", () => {
  assert.deepEqual(shown(told("b", 1, "1"), told("a", 30, "2", "3")), ["1", "2"]);
  assert.deepEqual(shown(told("a", 73, "old")), []);
});

test("a newly published week is not read out on a screen", () => {
  assert.deepEqual(shown(told(null, 1, "week"), told("a", 2, "day")), ["day"]);
});

const note = (id: string, daysAgo: number, of: Partial<Note>, ...lines: string[]): Note => ({
  id,
  repair: null,
  edition: null,
  from_day: "2026-11-23",
  at: NOW - daysAgo * 86_400,
  lessons: lines.map((line) => ({ zh: line, en: line })),
  ...of,
});
const read = (...all: Note[]): string[][] =>
  ownChanges(all, NOW).map((each) => each.lessons.map((line) => line.zh));

test("a person reads the changes of fourteen days, the newest first", () => {
  const old = note("c", 14, { repair: "r3" }, "old");
  const all = [note("a", 5, { repair: "r1" }, "1"), note("b", 1, { edition: "e1" }, "2"), old];
  assert.deepEqual(read(...all), [["2"], ["1"]]);
});

test("what teacher and school were told of the same thing is said once", () => {
  const mine = note("a", 1, { edition: "e1" }, "mine");
  const ours = note("b", 1, { edition: "e1" }, "others", "mine");
  assert.deepEqual(read(mine, ours), [["mine", "others"]]);
  const [orphan, another] = [mine, ours].map((each) => ({ ...each, edition: null }));
  assert.deepEqual(read(orphan!, another!), [["mine", "others"]], "its edition is deleted");
});

test("changes of the last three days are news", () => {
  assert.ok(isNews([note("a", 2.9, {})], NOW));
  assert.ok(!isNews([note("a", 3, {})], NOW));
});
