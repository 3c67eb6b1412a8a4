import assert from "node:assert/strict";
import { test } from "node:test";
import { type Figures, judgeLine, makeReport, readFigures } from "../src/client/measure";

const video = (mid: string, framesDecoded: number, more = {}) => ({
  type: "inbound-rtp",
  kind: "video",
  mid,
  framesDecoded,
  freezeCount: 0,
  totalFreezesDuration: 0,
  packetsReceived: framesDecoded * 3,
  packetsLost: 0,
  ...more,
});
const audio = (mid: string, totalSamplesReceived: number, concealedSamples: number) => ({
  type: "inbound-rtp",
  kind: "audio",
  mid,
  totalSamplesReceived,
  concealedSamples,
  packetsReceived: totalSamplesReceived / 960,
  packetsLost: 0,
});
const at = (ms: number, ...stats: { type: string }[]): Figures => readFigures(stats, ms);

test("a report tells what came since the last one, not since the beginning", () => {
  const before = at(0, video("1", 100), audio("0", 48_000, 480));
  const now = at(5000, video("1", 225), audio("0", 288_000, 720));
  const report = makeReport(before, now);
  assert.equal(report?.video_frames, 125);
  assert.equal(report?.video_fps, 25);
  assert.equal(report?.audio_samples, 240_000);
  assert.equal(report?.concealed_samples, 240);
  assert.equal(report?.interval_s, 5);
});

test("a section that appeared meanwhile counts from nothing", () => {
  const report = makeReport(at(0, video("1", 10)), at(1000, video("1", 20), video("2", 7)));
  assert.equal(report?.video_frames, 17);
});

test("two readings of the same moment are no report", () => {
  assert.equal(makeReport(at(5), at(5)), null);
});

test("concealed sound decides before pictures do", () => {
  const before = at(0, audio("0", 0, 0));
  assert.equal(judgeLine(before, at(5000, audio("0", 240_000, 0))), "good");
  assert.equal(judgeLine(before, at(5000, audio("0", 240_000, 4_800))), "fair");
  assert.equal(judgeLine(before, at(5000, audio("0", 240_000, 24_000))), "poor");
});

test("a picture that stands still for a fifth of the time is a poor line", () => {
  const before = at(0, video("1", 0));
  const now = at(5000, video("1", 100, { freezeCount: 1, totalFreezesDuration: 1.2 }));
  assert.equal(judgeLine(before, now), "poor");
});

test("loss that the far end sees on our sending counts too", () => {
  const now = at(5000, { type: "remote-inbound-rtp", fractionLost: 0.12 } as { type: string });
  assert.equal(judgeLine(at(0), now), "poor");
});
