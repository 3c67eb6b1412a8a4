import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chooseLang, duration, fill } from "../src/client/i18n";
import zh from "../src/i18n/zh-CN.json";

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join("src", name), "utf8") }));

test("every sentence is used", () => {
  const all = sources.map((each) => each.text).join("\n");
  const prefixes = [...all.matchAll(/[`"]([a-z_]+)\.\$\{/g)].map((each) => `${each[1]}.`);
  const lists = [...all.matchAll(/word\("(\w+)"/g)].map((each) => `${each[1]}.`);
  const open = new Set([...prefixes, ...lists]);
  const unused = Object.keys(zh).filter(
    (key) => !all.includes(`"${key}"`) && ![...open].some((prefix) => key.startsWith(prefix)),
  );
  assert.deepEqual(unused, []);
});

test("Chinese is spoken unless a person asked for English", () => {
  assert.equal(chooseLang(null, null), "zh-CN");
  assert.equal(chooseLang(null, "en"), "en");
  assert.equal(chooseLang("zh", "en"), "zh-CN");
  assert.equal(chooseLang("fr", null), "zh-CN");
});

test("a hole without a value stays visible", () => {
  assert.equal(fill("{a}/{b}", { a: 1 }), "1/{b}");
});

test("lengths are written as on a clock", () => {
  assert.equal(duration(0), "0:00");
  assert.equal(duration(75.9), "1:15");
  assert.equal(duration(3675), "1:01:15");
  assert.equal(duration(-3), "0:00");
});
