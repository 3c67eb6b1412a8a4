import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddress, writeAddress } from "../src/client/address";
import { byDay, type CalendarDay, kin, rowOf, weeksOf } from "../src/client/term-days";

const term = {
  id: "t",
  district: "city",
  name: "",
  week_1: "2026-08-31",
  first_day: "2026-09-01",
  last_day: "2026-09-18",
};

test("weeks count from the Monday of week 1, and days outside the term are told apart", () => {
  const weeks = weeksOf(term);
  assert.deepEqual(
    weeks.map((days) => [days[0]!.week, days[0]!.day]),
    [[1, "2026-08-31"], [2, "2026-09-07"], [3, "2026-09-14"]],
  );
  assert.deepEqual(
    weeks.map((days) => days.filter((each) => each.inTerm).length),
    [6, 7, 5],
  );
});

test("a term that begins before week 1 shows those days too", () => {
  const weeks = weeksOf({ ...term, first_day: "2026-08-24" });
  assert.deepEqual([weeks[0]![0]!.day, weeks[0]![0]!.week], ["2026-08-24", 0]);
});

test("the days of a year's end and of a leap day follow one another", () => {
  const days = weeksOf({ ...term, week_1: "2028-02-28", first_day: "2028-02-28", last_day: "2028-03-05" });
  assert.equal(days[0]!.map((each) => each.day).join(" ").includes("2028-02-29 2028-03-01"), true);
});

const districts = [
  { id: "city", name: "", parent: null },
  { id: "county", name: "", parent: "city" },
  { id: "elsewhere", name: "", parent: null },
];

test("the days of the city and of its counties count, others do not", () => {
  assert.deepEqual([...kin(districts, "city")].sort(), ["city", "county"]);
  assert.deepEqual([...kin(districts, "county")].sort(), ["city", "county"]);
  const row = (district: string, school: string | null): CalendarDay => ({
    district,
    day: "2026-10-01",
    kind: "holiday",
    school,
    runs_week: null,
    runs_weekday: null,
    name: "",
  });
  const found = byDay([row("city", "s1"), row("city", null), row("elsewhere", null)], kin(districts, "city"));
  assert.deepEqual(
    found.get("2026-10-01")?.map((each) => each.school),
    [null, "s1"],
  );
});

test("an official make-up day carries its suggestion into the form", () => {
  const day = { district: "city", day: "2026-10-10", kind: "make_up" as const, name: "国庆", entered: false };
  const suggestion = { runs_week: 5, runs_weekday: 3, zh: "", en: "" };
  assert.equal(rowOf({ ...day, suggestion }).runs_weekday, 3);
  assert.equal(rowOf({ ...day, suggestion: null }).runs_week, null);
});

test("what is looked at stands in the address and comes back from it", () => {
  const here = { tab: "week" as const, term: "t", edition: "e", viewed: { side: "room" as const, id: "m1" } };
  assert.equal(writeAddress(here), "?term=t&edition=e&by=room&of=m1");
  assert.deepEqual(readAddress(new URLSearchParams(writeAddress(here))), here);
  const odd = readAddress(new URLSearchParams("tab=x&by=planet&of=m1"));
  assert.deepEqual([odd.tab, odd.viewed], ["week", null]);
});
