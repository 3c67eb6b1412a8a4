import assert from "node:assert/strict";
import { test } from "node:test";
import type { Edition } from "../src/client/editions";
import { ranBefore, ranUntil } from "../src/client/versions";

const edition = (id: string, published_at: number | null, from_day: string | null): Edition =>
  ({ id, published_at, from_day }) as Edition;

const first = edition("first", 100, "2026-09-01");
const second = edition("second", 200, "2026-10-12");
const third = edition("third", 300, "2026-11-02");
const draft = edition("draft", null, null);
const ALL = [draft, third, first, second];

test("an edition took over from the one published before it", () => {
  assert.equal(ranBefore(ALL, third)?.id, "second");
  assert.equal(ranBefore(ALL, first), undefined);
  assert.equal(ranBefore(ALL, draft), undefined);
});

test("it ran until the next one began", () => {
  assert.equal(ranUntil(ALL, first), "2026-10-12");
  assert.equal(ranUntil(ALL, third), null);
  assert.equal(ranUntil(ALL, draft), null);
});

test("one published later for earlier days ends it before its own day", () => {
  const early = edition("early", 400, "2026-10-19");
  assert.equal(ranUntil([...ALL, early], third), "2026-10-19");
});
