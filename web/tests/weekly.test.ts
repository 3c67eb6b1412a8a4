import assert from "node:assert/strict";
import { test } from "node:test";
import { type Chosen, firstChoices, type Move, offerKey, type Stuck, type When } from "../src/client/repairs";
import { movesWeekly, sharedChoice, sharedOffers, steadyFirst, stuckWeekly, withNamed, withShared } from "../src/client/weekly";

const TUESDAYS = ["2026-12-01", "2026-12-08", "2026-12-15"];
const when = (day: string, start: number): When => ({ day, start, end: start + 40, period: "第2节" });
const who = (teacher: string) => ({ teacher, name: teacher, school: "" });

const stuck = (day: string, substitutes: string[], fields: Partial<Stuck> = {}): Stuck => ({
  lesson: `music-${day}`,
  course: "music",
  title: "音乐",
  teacher: "王老师",
  teacher_id: "wang",
  school: "centre",
  needs: [],
  rooms: ["一"],
  before: when(day, 550),
  substitutes: substitutes.map(who),
  dates: [],
  recording: { subject: "", grade: "", chapter: "" },
  ...fields,
});

const keys = (chosen: Chosen[]): string[] => chosen.map(({ offer }) => offerKey(offer));

test("lessons of one weekly time are one, whatever lies between them", () => {
  const [first, second, third] = TUESDAYS.map((day) => stuck(day, []));
  const other = stuck("2026-12-03", []);
  assert.deepEqual(stuckWeekly([first!, other, second!, third!]), [[first, second, third], [other]]);
});

test("moves go together when they are to the same time of their weeks", () => {
  const move = (lesson: string, day: string, to: string, start: number): Move => ({
    ...stuck(day, []),
    lesson,
    after: when(to, start),
    zh: "",
    en: "",
  });
  const same = [move("a", "2026-12-01", "2026-12-03", 840), move("b", "2026-12-08", "2026-12-10", 840)];
  const later = move("c", "2026-12-15", "2026-12-24", 840);
  assert.deepEqual(movesWeekly([...same, later]), [same, [later]]);
});

test("the substitute who can give most of them is chosen for all that go", () => {
  const all = [stuck(TUESDAYS[0]!, ["zhou", "li"]), stuck(TUESDAYS[1]!, ["li"]), stuck(TUESDAYS[2]!, ["zhou", "li"])];
  assert.deepEqual(keys(firstChoices(steadyFirst(all))), Array(3).fill("substitute|li|"));
  assert.deepEqual(
    sharedOffers(all).map(({ offer, times }) => `${offerKey(offer)} ${times}`),
    ["substitute|li| 3", "substitute|zhou| 2", "recording|| 3", "cancel|| 3", "leave|| 3"],
  );
});

test("a choice for all leaves alone what cannot have it", () => {
  const chosen = firstChoices(steadyFirst([stuck(TUESDAYS[0]!, ["zhou", "li"]), stuck(TUESDAYS[1]!, ["li"])]));
  const shared = withShared(chosen, { kind: "substitute", teacher: "zhou" });
  assert.deepEqual(keys(shared), ["substitute|zhou|", "substitute|li|"]);
  assert.equal(sharedChoice(shared), null);
  assert.deepEqual(sharedChoice(withShared(chosen, { kind: "cancel" })), { kind: "cancel" });
});

test("somebody whom a person names gives all of them, and is offered from then on", () => {
  const chosen = firstChoices(TUESDAYS.map((day) => stuck(day, [])));
  const named = withNamed(chosen, who("new"));
  assert.deepEqual(sharedChoice(named), { kind: "substitute", teacher: "new" });
  assert.deepEqual(
    sharedOffers(named.map((each) => each.stuck)).map(({ offer }) => offerKey(offer))[0],
    "substitute|new|",
  );
  assert.equal(withNamed(named, who("new"))[0]!.stuck.substitutes.length, 1);
});
