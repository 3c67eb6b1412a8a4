// Terms and the editions of their weekly timetable (`/api/v1`), and the work done on
// them by the solver, by comparing and by publishing.

import { call, queryOf } from "./api";
import type { Board, BoardChanges, Change, EditionState, LeftOut, Side, Spot, Trouble, Unplaced } from "./board";
import type { Progress } from "./solving";
import type { Cell } from "./whynot";

const BASE = "/api/v1";
const id = encodeURIComponent;

export interface Term {
  id: string;
  district: string;
  name: string;
  /** ISO dates; `week_1` is the Monday of week 1. */
  week_1: string;
  first_day: string;
  last_day: string;
}

export interface Edition {
  id: string;
  term: string;
  name: string;
  state: EditionState;
  revision: number;
  week: number;
  made_at: number;
  made_by: string;
  published_at: number | null;
  /** Empty where nobody knows. */
  published_by: string;
  from_day: string | null;
  placed: number;
  can_undo: boolean;
  can_redo: boolean;
  /** A run of the solver, while it is waiting or running. */
  job: string | null;
}

export const terms = (): Promise<Term[]> => call("GET", `${BASE}/terms`);

export const editionsOf = (term: string): Promise<Edition[]> =>
  call("GET", `${BASE}/terms/${id(term)}/editions`);

/** `copyOf`: an edition's id, or `published`; null: an empty week. `week`: whose bells
 * it goes by; null: as the server thinks best. */
export const newEdition = (
  term: string,
  name: string,
  copyOf: string | null,
  week: number | null = null,
): Promise<Edition> => call("POST", `${BASE}/terms/${id(term)}/editions`, { name, copy_of: copyOf, week });

export const renameEdition = (edition: string, name: string): Promise<Edition> =>
  call("PATCH", `${BASE}/editions/${id(edition)}`, { name });

export const deleteEdition = (edition: string): Promise<void> =>
  call("DELETE", `${BASE}/editions/${id(edition)}`);

/** One step of an edition; `done` ones are in effect. */
export interface Step {
  number: number;
  zh: string;
  en: string;
  by: string;
  at: number;
  done: boolean;
}

export const historyOf = (edition: string): Promise<Step[]> =>
  call("GET", `${BASE}/editions/${id(edition)}/history`);

/** `week`: by that term week's bells; null: by the edition's own. */
export const boardOf = (edition: string, week: number | null): Promise<Board> =>
  call("GET", `${BASE}/editions/${id(edition)}/board${queryOf({ week: week ?? undefined })}`);

export const whyNot = (
  edition: string,
  course: string,
  from: { weekday: number; start: number } | null,
): Promise<{ revision: number; cells: Cell[] }> =>
  call("GET", `${BASE}/editions/${id(edition)}/why-not${queryOf({ course, ...from })}`);

export const change = (edition: string, revision: number, changes: Change[]): Promise<BoardChanges> =>
  call("POST", `${BASE}/editions/${id(edition)}/changes`, { revision, changes });

export const goBack = (
  edition: string,
  revision: number,
  way: "undo" | "redo",
): Promise<BoardChanges> => call("POST", `${BASE}/editions/${id(edition)}/${way}`, { revision });

// --- the solver ---------------------------------------------------------------

/** Those that a person is asked about. */
export const KEEPS = ["locked", "placed_by_person", "all_placed", "far"] as const;
/** `unbroken` mends what broke, and nothing else. */
export type Keep = (typeof KEEPS)[number] | "unbroken";

export interface Rule {
  kind: string;
  id: string;
  zh: string;
  en: string;
}

export interface Job {
  id: string;
  kind: "solve" | "explain";
  edition: string;
  state: "queued" | "running" | "done" | "stopped" | "failed" | "interrupted";
  /** Jobs that the machine runs first. */
  ahead: number;
  /** The time it was given. */
  seconds: number;
  progress: Progress | null;
  outcome: "optimal" | "feasible" | "partial" | "impossible" | null;
  answer: "" | "taken" | "offered";
  rules: Rule[];
  minimal: boolean;
  zh: string;
  en: string;
}

export const isAtWork = (job: Job): boolean => job.state === "queued" || job.state === "running";

export const solve = (edition: string, seconds: number, keep: Keep): Promise<Job> =>
  call("POST", `${BASE}/editions/${id(edition)}/solve`, { seconds, keep });

export const explain = (edition: string): Promise<Job> =>
  call("POST", `${BASE}/editions/${id(edition)}/explain`, {});

export const jobOf = (job: string): Promise<Job> => call("GET", `${BASE}/jobs/${id(job)}`);

export const stopJob = (job: string): Promise<Job> => call("POST", `${BASE}/jobs/${id(job)}/stop`);

export const takeJob = (job: string): Promise<unknown> =>
  call("POST", `${BASE}/jobs/${id(job)}/take`);

export const jobStream = (job: string): string => `${BASE}/jobs/${id(job)}/stream`;

/** What each soft rule counts in a district, in points; 0 switches it off. */
export interface Weighting {
  district: string;
  misfit: number;
  edge: number;
  spread: number;
  gap: number;
  load: number;
  move: number;
}

export const WEIGHTS = ["misfit", "edge", "spread", "gap", "load", "move"] as const;
const USUAL = { misfit: 1, edge: 1, spread: 2, gap: 1, load: 1, move: 10 };

export async function weightingOf(district: string): Promise<Weighting> {
  const all = await call<Weighting[]>("GET", `${BASE}/weightings`);
  return all.find((each) => each.district === district) ?? { district, ...USUAL };
}

export const putWeighting = (weighting: Weighting): Promise<Weighting> =>
  call("PUT", `${BASE}/weightings`, weighting);

// --- check, compare, publish ----------------------------------------------------

export interface Check {
  revision: number;
  problems: Trouble[];
  unplaced: Unplaced[];
  warnings: LeftOut[];
  publishable: boolean;
}

export const checkOf = (edition: string): Promise<Check> =>
  call("GET", `${BASE}/editions/${id(edition)}/check`);

export interface Difference {
  course: string;
  name: string;
  before: Spot | null;
  after: Spot | null;
  zh: string;
  en: string;
}

export interface Concern {
  kind: Side;
  id: string;
  name: string;
  moved: number;
  added: number;
  removed: number;
}

export interface Comparison {
  moved: Difference[];
  added: Difference[];
  removed: Difference[];
  same: number;
  concerns: Concern[];
}

export const compareWith = (edition: string, other: string): Promise<Comparison> =>
  call("GET", `${BASE}/editions/${id(edition)}/compare${queryOf({ with: other })}`);

export interface LeftAlone {
  course: string;
  title: string;
  day: string;
  zh: string;
  en: string;
}

export interface Published {
  from_day: string;
  last_day: string;
  added: number;
  moved: number;
  removed: number;
  kept: number;
  left_alone: LeftAlone[];
  notices: number;
}

export const publish = (
  edition: string,
  order: { revision: number; from_day: string | null; accept_unplaced: boolean },
): Promise<Published> => call("POST", `${BASE}/editions/${id(edition)}/publish`, order);

/** How full somebody or something is; without a ratio there is no time left at all. */
export interface Load {
  kind: string;
  id: string;
  name: string;
  wanted: number;
  offered: number;
  ratio: number | null;
  zh: string;
  en: string;
}

export const loadOf = (term: string): Promise<{ rows: Load[]; warnings: LeftOut[] }> =>
  call("GET", `${BASE}/terms/${id(term)}/load`);
