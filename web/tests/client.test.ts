import assert from "node:assert/strict";
import { test } from "node:test";
import { bestColumns } from "../src/client/grid";
import { readDay } from "../src/client/day-text";
import { mayOpen, queryOf } from "../src/client/api";
import { backoffMs } from "../src/client/backoff";
import { correction, inOrder, judgeWhole, readSearch, type Resource } from "../src/client/library";
import { sortH264First } from "../src/client/offer";
import { afterGap, mediaPlaylists, mergeGaps, readPieces } from "../src/client/playlist";
import { safeNext } from "../src/client/session";
import { actionOf, SHORTCUTS } from "../src/client/shortcuts";
import { SilenceWatch } from "../src/client/silence";
import { readTime } from "../src/client/time-text";
import { socketUrl } from "../src/client/signalling";
import { readSfuMessage, type Source } from "../src/client/wire";

const press = (key: string, more = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, ...more });

test("the first try is at once and later ones wait longer, never more than 9.1 s", () => {
  assert.equal(backoffMs(0, 1), 0);
  const waits = [1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, 0));
  assert.deepEqual(waits, [300, 1200, 2700, 4800, 7000]);
  assert.equal(backoffMs(500, 1), 9100);
});

test("two rooms that lose the line together do not come back together", () => {
  assert.notEqual(backoffMs(3, 0.1), backoffMs(3, 0.9));
});

test("a signalling address may be a path, http or ws", () => {
  const page = "https://tongke.example/teach";
  assert.equal(socketUrl("/sfu/v1/ws", page), "wss://tongke.example/sfu/v1/ws");
  assert.equal(socketUrl("http://10.0.0.2:8080/sfu/v1/ws", page), "ws://10.0.0.2:8080/sfu/v1/ws");
  assert.equal(socketUrl("ws://node-2/sfu/v1/ws", page), "ws://node-2/sfu/v1/ws");
});

test("a message of a newer SFU is passed over", () => {
  assert.equal(readSfuMessage('{"type":"confetti"}'), null);
  assert.equal(readSfuMessage("[]"), null);
  assert.equal(readSfuMessage('{"type":"pong","id":7}')?.type, "pong");
});

test("H.264 that every end speaks is offered first, and nothing is dropped", () => {
  const codecs = [
    { mimeType: "video/VP8" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42e01f" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=4d001f" },
    { mimeType: "video/rtx" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" },
  ];
  const sorted = sortH264First(codecs);
  assert.deepEqual(sorted.slice(0, 3), [codecs[4], codecs[2], codecs[1]]);
  assert.equal(sorted.length, codecs.length);
});

test("after signing in one lands on our own pages only", () => {
  assert.equal(safeNext("/teach?session=a"), "/teach?session=a");
  for (const bad of [null, "https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"]) {
    assert.equal(safeNext(bad), "/");
  }
});

test("no two shortcuts share a key, and none is a room's number", () => {
  const keys = SHORTCUTS.map((each) => each.key);
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(keys.every((key) => !/\d/.test(key)));
});

test("a key of the browser itself is left alone", () => {
  assert.equal(actionOf(press("s", { ctrlKey: true })), null);
  assert.equal(actionOf(press("S")), "screen");
  assert.equal(actionOf(press("3")), 3);
  assert.equal(actionOf(press("0")), null);
  assert.equal(actionOf(press("x")), null);
});

test("a search is kept in the address and read back", () => {
  const query = queryOf({ q: "音乐 草原", subject: "", page: undefined, grade: "三年级" });
  const search = readSearch(new URLSearchParams(query));
  assert.equal(search.q, "音乐 草原");
  assert.equal(search.grade, "三年级");
  assert.equal(search.page, 1);
  assert.equal(readSearch(new URLSearchParams("page=nonsense")).page, 1);
});

test("a recording is called whole only when it is", () => {
  assert.equal(judgeWhole(1), "whole");
  assert.equal(judgeWhole(0.995), "nearly");
  assert.equal(judgeWhole(0.96), "gaps");
  assert.equal(judgeWhole(0.3), "broken");
});

test("tiles stand so that their pictures are largest", () => {
  assert.equal(bestColumns(1, 1600, 900, 68, 14).columns, 1);
  assert.equal(bestColumns(3, 1600, 900, 68, 14).columns, 2);
  assert.equal(bestColumns(3, 1600, 400, 68, 14).columns, 3);
  assert.equal(bestColumns(6, 1600, 900, 68, 14).columns, 3);
  assert.equal(bestColumns(0, 1600, 900, 68, 14).columns, 1);
});

test("a tile never sticks out of the wall", () => {
  for (let count = 1; count <= 12; count++) {
    const { columns, tileWidth } = bestColumns(count, 930, 540, 68, 14);
    const rows = Math.ceil(count / columns);
    assert.ok(columns * tileWidth + 14 * (columns - 1) <= 930);
    assert.ok(rows * ((tileWidth * 9) / 16 + 68) + 14 * (rows - 1) <= 540 + rows);
  }
});

test("a hole that the playlist cuts into pieces is one hole", () => {
  const piece = (start: number, gap: boolean) => ({ start, duration: 6, gap });
  const gaps = mergeGaps([piece(0, false), piece(6, true), piece(12, true), piece(18, false), piece(24, true)]);
  assert.deepEqual(gaps, [{ from_s: 6, to_s: 18 }, { from_s: 24, to_s: 30 }]);
});

test("playing goes on where neither picture nor sound has a hole", () => {
  const picture = { start: 10, duration: 5, gap: true };
  const sound = { start: 13, duration: 6, gap: true };
  const gaps = mergeGaps([picture, sound]);
  assert.deepEqual(gaps, [{ from_s: 10, to_s: 19 }]);
  assert.equal(afterGap(gaps, 9.5), null);
  assert.equal(afterGap(gaps, 9.9), 19.05);
  assert.equal(afterGap(gaps, 19), null);
});

test("holes are read from the playlists that play together", () => {
  const master = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="a",DEFAULT=YES,URI="tracks/a/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="b",DEFAULT=NO,URI="tracks/b/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="sound"
tracks/v/index.m3u8
`;
  assert.deepEqual(mediaPlaylists(master), ["tracks/v/index.m3u8", "tracks/a/index.m3u8"]);
  const pieces = readPieces("#EXTM3U\n#EXT-X-GAP\n#EXTINF:1.5,\ngap.m4s\n#EXTINF:2.0,\n1.m4s\n");
  assert.deepEqual(pieces, [
    { start: 0, duration: 1.5, gap: true },
    { start: 1.5, duration: 2, gap: false },
  ]);
});

test("of a recording's tracks the teacher's camera comes first", () => {
  const track = (site_room: string, source: Source) => ({ track: `${site_room}.${source}`, site_room, source });
  const tracks = [track("rm-ma", "camera"), track("zhong", "microphone"), track("zhong", "screen"), track("zhong", "camera")];
  const resource = { master_room: "zhong", tracks } as unknown as Resource;
  assert.deepEqual(
    inOrder(resource).map((each) => each.track),
    ["zhong.camera", "zhong.screen", "zhong.microphone", "rm-ma.camera"],
  );
});

test("a microphone is called silent after eight seconds without a sound", () => {
  const watch = new SilenceWatch();
  assert.ok(!watch.hear(0, 100));
  assert.ok(!watch.hear(0, 107.9));
  assert.ok(watch.hear(0, 108));
  assert.ok(!watch.hear(0.4, 109));
  assert.ok(!watch.hear(0, 116.9));
  assert.ok(watch.hear(0, 117));
});

test("while muted nothing is counted", () => {
  const watch = new SilenceWatch();
  watch.hear(0, 0);
  assert.ok(!watch.hear(null, 20));
  assert.ok(!watch.hear(0, 21));
  assert.ok(watch.hear(0, 29));
});

test("a correction names only what was changed", () => {
  const detail = { title: "音乐", week: 3, class_hour: null, summary: "" } as unknown as Resource;
  const typed: Record<string, string> = { title: "音乐", week: "", class_hour: "2", summary: " 好 " };
  assert.deepEqual(correction(detail, (name) => typed[name] ?? ""), {
    class_hour: 2,
    week: null,
    summary: "好",
  });
});

test("a day is read however people write it, the year first", () => {
  const ways = ["2026-11-05", "2026/11/5", "2026.11.5", "2026年11月5日", "20261105", " 11-5 ", "11月5日", "２０２６－１１－０５"];
  for (const way of ways) assert.equal(readDay(way, 2026), "2026-11-05", way);
  assert.equal(readDay("", 2026), "");
});

test("what is no day, or might be two, is refused", () => {
  for (const bad of ["2026-02-30", "05/11/2026", "11/05/26", "2026-13-01", "tomorrow"]) {
    assert.equal(readDay(bad, 2026), null, bad);
  }
});

test("a time is read however people write it, by 24 hours", () => {
  for (const way of ["8:30", "08:30", "8.30", "0830", "830", "8点30分", "8点半", "８：３０", " 8时30 "]) {
    assert.equal(readTime(way), "08:30", way);
  }
  assert.equal(readTime("14"), "14:00");
  assert.equal(readTime("14点"), "14:00");
  assert.equal(readTime("24:00"), "24:00");
  assert.equal(readTime(""), "");
});

test("what is no time, or might be two, is refused", () => {
  for (const bad of ["24:01", "8:60", "2 pm", "下午2点", "noon", "8:5", "12345"]) {
    assert.equal(readTime(bad), null, bad);
  }
});

test("a page is offered to those whom it answers", () => {
  const person = (...roles: string[]) => ({ name: "", roles, teacher: null, school: null });
  for (const path of ["/", "/timetable", "/library"]) assert.ok(mayOpen(null, path));
  assert.ok(!mayOpen(null, "/status"));
  assert.ok(!mayOpen(person("teacher", "timetabler"), "/status"));
  assert.ok(mayOpen(person("observer"), "/status"));
  assert.ok(mayOpen(person("operator"), "/status"));
});
