import assert from "node:assert/strict";
import { test } from "node:test";
import { type SiteRoom, Upkeep } from "../src/client/upkeep";

const room = (more: Partial<SiteRoom>): SiteRoom => ({
  name: "",
  school_name: "",
  id: "huli",
  online: true,
  agenda: { told_at: 1_790_000_000, is_current: true },
  clock_skew_s: 0.2,
  ...more,
});

const keysAt = (upkeep: Upkeep, now: number): string[] =>
  upkeep.of("huli", now).map((each) => each.key);

test("a room that is well needs no care", () => {
  const upkeep = new Upkeep();
  upkeep.hear([room({})], 0);
  assert.deepEqual(upkeep.of("huli", 1000), []);
  assert.deepEqual(upkeep.of("nowhere", 1000), []);
});

test("a clock that is ahead or behind is told at once, with its seconds", () => {
  const upkeep = new Upkeep();
  upkeep.hear([room({ clock_skew_s: 61.7 })], 0);
  assert.deepEqual(upkeep.of("huli", 0), [{ key: "care.clock_ahead", values: { n: 62 } }]);
  upkeep.hear([room({ clock_skew_s: -5 })], 0);
  assert.deepEqual(upkeep.of("huli", 0), [{ key: "care.clock_behind", values: { n: 5 } }]);
});

test("an agenda is called old when the room has not taken the new one for minutes", () => {
  const upkeep = new Upkeep();
  const behind = room({ agenda: { told_at: 1_790_000_000, is_current: false } });
  upkeep.hear([behind], 0);
  upkeep.hear([behind], 149);
  assert.deepEqual(keysAt(upkeep, 149), []);
  assert.deepEqual(keysAt(upkeep, 150), ["care.old_agenda"]);
  upkeep.hear([room({})], 160);
  assert.deepEqual(keysAt(upkeep, 400), []);
  upkeep.hear([behind], 401);
  assert.deepEqual(keysAt(upkeep, 500), [], "every change of the timetable has its own time");
});

test("a room without any agenda is told of, one that is offline is not", () => {
  const upkeep = new Upkeep();
  upkeep.hear([room({ agenda: null, clock_skew_s: null })], 0);
  assert.deepEqual(keysAt(upkeep, 200), ["care.no_agenda"]);
  upkeep.hear([room({ agenda: null, online: false, clock_skew_s: 90 })], 210);
  assert.deepEqual(keysAt(upkeep, 900), []);
});
