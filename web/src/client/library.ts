// The resource library as the recorder tells it (`/library/v1`).

import { call, queryOf } from "./api";
import type { Kind, Source } from "./wire";

export interface TrackInfo {
  id: string;
  participant: string;
  site_room?: string | null;
  name: string;
  source: Source;
  kind: Kind;
  duration_s: number;
  expected_s: number;
  lost_s: number;
  completeness: number;
  /** Where nothing was recorded, seconds from the start of the lesson. */
  gaps: { from_s: number; to_s: number }[];
}

export interface Resource {
  id: string;
  session: string;
  title: string;
  subject: string;
  grade: string;
  teacher: string;
  school: string;
  starts_at: number;
  duration_s: number;
  completeness: number;
  state: "recording" | "trouble" | "finishing" | "finished" | "failed";
}

export interface ResourceDetail extends Resource {
  chapter: string;
  period: string;
  tracks: TrackInfo[];
}

export interface Page {
  total: number;
  pages: number;
  page: number;
  resources: Resource[];
}

export interface Search {
  q: string;
  subject: string;
  grade: string;
  teacher: string;
  school: string;
  from: string;
  to: string;
  page: number;
}

export const EMPTY_SEARCH: Search = {
  q: "",
  subject: "",
  grade: "",
  teacher: "",
  school: "",
  from: "",
  to: "",
  page: 1,
};

const base = "/library/v1/resources";
const path = (id: string): string => `${base}/${encodeURIComponent(id)}`;

export const findResources = (search: Search): Promise<Page> =>
  call("GET", base + queryOf({ ...search }));

export const resourceOf = (id: string): Promise<ResourceDetail> => call("GET", path(id));

export const masterUrl = (id: string): string => `${path(id)}/master.m3u8`;

export const downloadUrl = (id: string): string => `${path(id)}/download.mp4`;

/** Search as it stands in the address, so that a search can be kept and sent. */
export function readSearch(query: URLSearchParams): Search {
  const search = { ...EMPTY_SEARCH };
  for (const name of ["q", "subject", "grade", "teacher", "school", "from", "to"] as const) {
    search[name] = query.get(name) ?? "";
  }
  search.page = Math.max(1, Number(query.get("page") ?? 1) || 1);
  return search;
}

export type Whole = "whole" | "nearly" | "gaps" | "broken";

/** Completeness in one word. 99 % is what a recording promises. */
export function judgeWhole(completeness: number): Whole {
  if (completeness >= 0.999) return "whole";
  if (completeness >= 0.99) return "nearly";
  return completeness >= 0.8 ? "gaps" : "broken";
}
