import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/client/api";
import {
  csvOf,
  type Fault,
  faultCells,
  isIdle,
  outcomeOf,
  type Report,
  totalOf,
} from "../src/client/importing";

const FAULT: Fault = {
  file: "教师.xlsx",
  sheet: "教师",
  line: 3,
  column: "B",
  field: "学校",
  value: '=1+"x"',
  zh: "没有这所学校",
  en: "no such school",
};
const report = (sheets: Report["sheets"], more: Partial<Report> = {}): Report => ({
  sheets,
  written: false,
  warnings: [],
  warnings_count: 0,
  ...more,
});
const counts = (added: number, changed: number, unchanged: number) => ({ added, changed, unchanged });

test("a list of faults opens in a spreadsheet, and no cell of it is a formula", () => {
  const text = csvOf(["文件", "表"], [faultCells(FAULT)]);
  assert.ok(text.startsWith("\uFEFF"));
  assert.equal(text.split("\r\n")[1], `"教师.xlsx","教师","3","B","学校","'=1+""x""","没有这所学校"`);
});

test("rows are counted over all sheets", () => {
  const both = report({ teacher: counts(1, 2, 3), school: counts(10, 0, 5) });
  assert.deepEqual(totalOf(both), counts(11, 2, 8));
});

test("there is nothing to agree to where nothing would change", () => {
  assert.ok(isIdle(report({ teacher: counts(0, 0, 9) })));
  assert.ok(!isIdle(report({ teacher: counts(0, 1, 9) })));
  assert.ok(!isIdle(report({ local_lesson: counts(0, 0, 9) }, { removed: 1 })));
});

test("a refused file keeps its faults, any other failure its sentence", async () => {
  const refused = await outcomeOf(Promise.reject(new ApiError(422, "faulty_import", "有错", { faults: [FAULT] })));
  assert.deepEqual(refused, { is: "refused", trouble: "有错", faults: [FAULT] });
  const away = await outcomeOf(Promise.reject(new ApiError(0, "no_answer", "没有应答")));
  assert.deepEqual(away, { is: "refused", trouble: "没有应答", faults: [] });
});
