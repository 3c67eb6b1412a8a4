import assert from "node:assert/strict";
import { test } from "node:test";
import { recentChanges, type Told } from "../src/client/changes";

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
