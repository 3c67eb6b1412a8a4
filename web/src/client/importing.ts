// Files that go in: first a check that writes nothing, then the import. What is wrong
// or odd comes back with its place, and can be taken along as a table.

import { ApiError, queryOf, say, upload, uploadOne } from "./api";
import { pick, word } from "./i18n";

const BASE = "/api/v1";
/** Of a long list; the rest is in the file that can be downloaded. */
export const FIRST = 50;

export type Part = "organisation" | "timetable";
export const PARTS: Part[] = ["organisation", "timetable"];

export interface Fault {
  file: string;
  sheet: string;
  line: number | null;
  column: string;
  field: string;
  value: string;
  zh: string;
  en: string;
}

/** Allowed but odd. `kind` and `key` name the row; without a line it was there before. */
export interface Warning {
  file: string;
  sheet: string;
  line: number | null;
  kind: string;
  key: string;
  zh: string;
  en: string;
}

export interface Counts {
  added: number;
  changed: number;
  unchanged: number;
}

export interface Report {
  sheets: Record<string, Counts>;
  written: boolean;
  warnings: Warning[];
  warnings_count: number;
  /** Of a class board: local lessons of an earlier file that are not in this one. */
  removed?: number;
}

/** What became of a file: a report, or a sentence and what is wrong with it. */
export type Outcome =
  | { is: "report"; report: Report }
  | { is: "refused"; trouble: string; faults: Fault[] };

export async function outcomeOf(sending: Promise<Report>): Promise<Outcome> {
  try {
    return { is: "report", report: await sending };
  } catch (error) {
    const faults = error instanceof ApiError ? (error.more["faults"] as Fault[] | undefined) : undefined;
    return { is: "refused", trouble: say(error), faults: faults ?? [] };
  }
}

export const importFiles = (part: Part, files: File[], check: boolean): Promise<Report> =>
  upload(`${BASE}/import/${part}${queryOf({ check: check ? "true" : "" })}`, files);

/** A class board's CSES file becomes local lessons of the class. */
export const importBoard = (classGroup: string, term: string, file: File, check: boolean): Promise<Report> => {
  const query = queryOf({ term, name: file.name, check: check ? "true" : "" });
  return uploadOne(`${BASE}/class-groups/${encodeURIComponent(classGroup)}/cses${query}`, file);
};

export function totalOf(report: Report): Counts {
  const total = { added: 0, changed: 0, unchanged: 0 };
  for (const { added, changed, unchanged } of Object.values(report.sheets)) {
    total.added += added;
    total.changed += changed;
    total.unchanged += unchanged;
  }
  return total;
}

/** Nothing would be different afterwards. */
export function isIdle(report: Report): boolean {
  const { added, changed } = totalOf(report);
  return added + changed + (report.removed ?? 0) === 0;
}

type Cells = (string | number | null)[];

/** As a spreadsheet opens it: a mark for UTF-8, and no cell that it takes for a formula. */
export function csvOf(headings: Cells, rows: Cells[]): string {
  const line = (cells: Cells): string => cells.map(quoted).join(",");
  return `\uFEFF${[headings, ...rows].map(line).join("\r\n")}\r\n`;
}

function quoted(cell: string | number | null): string {
  const text = String(cell ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

export const faultCells = (each: Fault): Cells => [
  each.file,
  each.sheet,
  each.line,
  each.column,
  each.field,
  each.value,
  pick(each),
];

export const warningCells = (each: Warning): Cells => [
  each.file,
  each.sheet,
  each.line,
  word("kind", each.kind),
  each.key,
  pick(each),
];
