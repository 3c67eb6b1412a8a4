import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange } from "../src/client/layout";
import { handIsUp, screenNotices } from "../src/client/notices";
import { applyMessage, EMPTY_VIEW, hands } from "../src/client/roomview";
import { makeTiles } from "../src/client/tiles";
import { person, publishing, room, slot, view } from "./make";

const teacher = publishing("wang", ["camera", "microphone", "screen"], { role: "master", site_room: "zhong" });
const ma = { id: "rm-ma", name: "马" };
const xi = { id: "rm-xi", name: "西" };
const guest = publishing("ma", ["camera"], { site_room: "rm-ma", on_stage: true });

const always = (): boolean => true;

test("an overtaken room state does not undo a newer one", () => {
  const newer = applyMessage(view([]), room([person("a")], { version: 9 }));
  const after = applyMessage(newer, room([], { version: 8 }));
  assert.equal(after.room?.participants.length, 1);
});

test("a restarted SFU begins its versions anew and is believed after joining", () => {
  const before = applyMessage(view([]), room([person("a")], { version: 90 }));
  const joined = applyMessage(before, {
    type: "joined",
    version: 1,
    participant: "me2",
    control: false,
    publications: {},
    state: room([person("b")], { version: 2 }),
    slots: [],
  });
  assert.equal(joined.me, "me2");
  assert.equal(joined.room?.participants[0]?.id, "b");
});

test("goodbye with retry means coming back, without means it is over", () => {
  const retry = applyMessage(view([]), { type: "bye", reason: "shutdown", retry: true });
  assert.equal(retry.phase, "reconnecting");
  const over = applyMessage(view([]), { type: "bye", reason: "lesson_ended", retry: false });
  assert.equal(over.phase, "ended");
  assert.equal(over.bye, "lesson_ended");
});

test("an error that is not fatal leaves the lesson alone", () => {
  const error = { type: "error" as const, code: "denied", zh: "不行", en: "no", fatal: false };
  const after = applyMessage(view([]), error);
  assert.equal(after.phase, "joined");
  assert.equal(after.complaint?.code, "denied");
  assert.equal(applyMessage(view([]), { ...error, fatal: true }).phase, "refused");
});

test("hands stand in the order they were raised", () => {
  const late = person("late", { hand_raised_at: 20 });
  const early = person("early", { hand_raised_at: 10 });
  assert.deepEqual(hands(view([late, person("quiet"), early])).map((each) => each.id), ["early", "late"]);
});

test("the teacher alone fills the screen", () => {
  const layout = arrange(view([teacher], [slot("wang", "camera")]), null, always);
  assert.equal(layout.plan, "solo");
  assert.equal(layout.pictures[0]?.source, "camera");
});

test("with slides the slides are large and the faces stand beside them", () => {
  const slots = [slot("wang", "camera"), slot("wang", "screen"), slot("ma", "camera")];
  const layout = arrange(view([teacher, guest], slots), null, always);
  assert.equal(layout.plan, "lesson");
  assert.deepEqual(layout.pictures.map((each) => each.slot.mid), ["wang/screen", "wang/camera", "ma/camera"]);
});

test("a room on stage stands beside the teacher", () => {
  const slots = [slot("wang", "camera"), slot("ma", "camera")];
  assert.equal(arrange(view([teacher, guest], slots), null, always).plan, "pair");
});

test("a classroom on stage does not look at itself", () => {
  const slots = [slot("wang", "camera"), slot("ma", "camera")];
  assert.equal(arrange(view([teacher, guest], slots), "rm-ma", always).plan, "solo");
});

test("a picture whose publisher went away is not shown", () => {
  const gone = slot("wang", "screen", { reason: "publisher_gone" });
  const layout = arrange(view([teacher], [gone, slot("wang", "camera")]), null, always);
  assert.deepEqual(layout.pictures.map((each) => each.source), ["camera"]);
});

test("a screen that is announced but was never shared takes no room", () => {
  const slots = [slot("wang", "camera"), slot("wang", "screen")];
  const came = (each: { mid: string }): boolean => each.mid === "wang/camera";
  const layout = arrange(view([teacher], slots), null, came);
  assert.deepEqual(layout.pictures.map((each) => each.source), ["camera"]);
});

test("nobody there is an empty plan, not a crash", () => {
  assert.equal(arrange(EMPTY_VIEW, null, always).plan, "empty");
  assert.deepEqual(screenNotices(EMPTY_VIEW, null), []);
});

test("the screen says that we are on stage, whichever of our seats was called", () => {
  const notices = screenNotices(view([teacher, guest, person("me", { site_room: "rm-ma" })]), "rm-ma");
  assert.deepEqual(notices.map((each) => each.key), ["notice.we_are_on_stage"]);
});

test("the screen names another room on stage", () => {
  const [notice] = screenNotices(view([teacher, guest]), "rm-xi");
  assert.equal(notice?.key, "notice.on_stage");
  assert.equal(notice?.values["room"], "ma");
});

test("a break of the line is said before anything else", () => {
  const notices = screenNotices(view([teacher, guest], [], { phase: "reconnecting" }), "rm-ma");
  assert.equal(notices[0]?.key, "notice.reconnecting");
});

test("a picture given up for lack of bandwidth is said in words", () => {
  const paused = slot("wang", "camera", { layer: undefined, reason: "bandwidth" });
  const keys = screenNotices(view([teacher], [paused]), null).map((each) => each.key);
  assert.deepEqual(keys, ["notice.thin_line"]);
});

test("a hand raised at the screen is the hand of the classroom", () => {
  const screen = person("scr", { site_room: "rm-ma", hand_raised_at: 5 });
  assert.ok(handIsUp(view([screen]), "rm-ma"));
  assert.ok(!handIsUp(view([screen]), "rm-xi"));
});

test("every booked classroom has a tile in the order of the timetable, present or not", () => {
  const tiles = makeTiles(view([guest]), [xi, ma]);
  assert.deepEqual(tiles.map((each) => [each.name, each.who?.id ?? null]), [["西", null], ["马", "ma"]]);
});

test("of a classroom's two seats the one with the camera is on the tile", () => {
  const screen = person("scr", { site_room: "rm-ma", hand_raised_at: 5 });
  const tiles = makeTiles(view([screen, guest], [slot("ma", "camera")]), [ma]);
  assert.equal(tiles.length, 1);
  assert.equal(tiles[0]?.who?.id, "ma");
  assert.equal(tiles[0]?.slot?.mid, "ma/camera");
  assert.equal(tiles[0]?.handOrder, 1);
});

test("a room that nobody booked is shown after the booked ones", () => {
  const tiles = makeTiles(view([person("walk-in")]), [ma]);
  assert.deepEqual(tiles.map((each) => each.siteRoom), ["rm-ma", "walk-in"]);
});

test("slides that are not shared are not the main picture", () => {
  const [camera, screen] = publishing("t", ["camera", "screen"]).publications;
  const off = person("t", {
    role: "master",
    publications: [camera!, { ...screen!, paused: true }],
  });
  const seen = arrange(view([off], [slot("t", "camera"), slot("t", "screen")]), null, () => true);
  assert.deepEqual(seen.pictures.map((each) => each.source), ["camera"]);
});
