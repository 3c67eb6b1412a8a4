// The resource library as the recorder tells it (`/library/v1`).

import { call, queryOf } from "./api";
import type { Kind, Source } from "./wire";

export interface TrackInfo {
  track: string;
  participant: string;
  site_room?: string | null;
  source: Source;
  kind: Kind;
  duration_s: number;
  expected_s: number;
  lost_s: number;
  /** Recorded / expected, 0..1. */
  completeness: number;
}

export interface Resource {
  id: string;
  session: string;
  title: string;
  subject: string;
  grade: string;
  teacher: string;
  school: string;
  textbook: string;
  volume: string;
  chapter: string;
  class_hour?: number | null;
  week?: number | null;
  period: string;
  summary: string;
  /** Unix seconds. */
  starts_at: number;
  /** How long after its bell the lesson began. */
  late_s: number;
  duration_s: number;
  completeness: number;
  state: "recording" | "finishing" | "ready";
  master_room: string;
  /** Id → name of every classroom of the lesson. */
  site_rooms: Record<string, string>;
  tracks: TrackInfo[];
}

export interface Page {
  items: Resource[];
  total: number;
  page: number;
  pages: number;
}

/** What was expected of a track and is not there, and why. */
export interface TrackGaps {
  track: string;
  gaps: { start_us: number; end_us: number; reason: string }[];
}

export interface Facets {
  subject: string[];
  grade: string[];
  teacher: string[];
  school: string[];
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

/** The entry of a session, from the moment its recording runs. */
export const liveResource = async (session: string): Promise<string> => {
  const path = `/library/v1/live/${encodeURIComponent(session)}`;
  return (await call<{ resource: string }>("GET", path)).resource;
};

export const resourceOf = (id: string): Promise<Resource> => call("GET", path(id));

const SOURCES: Source[] = ["camera", "screen", "board", "microphone"];

/** The teacher's first, the camera before the screen: as people look for them. */
export function inOrder({ tracks, master_room }: Resource): TrackInfo[] {
  const rank = (track: TrackInfo): number =>
    (track.site_room === master_room ? 0 : 10) + SOURCES.indexOf(track.source);
  return [...tracks].sort((a, b) => rank(a) - rank(b));
}

/** One picture with every sound; `track` chooses the picture. */
export const masterUrl = (id: string, track: string): string =>
  `${path(id)}/master.m3u8${queryOf({ video: track })}`;

export const downloadUrl = (id: string, track: string): string =>
  `${path(id)}/download.mp4${queryOf({ video: track })}`;

/** How far the download is; asking starts the making of it. */
export interface DownloadState {
  state: "preparing" | "ready" | "failed";
  /** 0..1. */
  progress: number;
  zh: string;
  en: string;
}

export const downloadState = (id: string, track: string): Promise<DownloadState> =>
  call("GET", `${path(id)}/download${queryOf({ video: track })}`);

export const gapsOf = (id: string): Promise<TrackGaps[]> => call("GET", `${path(id)}/gaps`);

export const facetValues = (): Promise<Facets> => call("GET", "/library/v1/facets");

/** What a librarian may correct; `most` characters, or the largest number. */
export interface Correctable {
  name:
    | "title"
    | "subject"
    | "grade"
    | "teacher"
    | "school"
    | "textbook"
    | "volume"
    | "chapter"
    | "class_hour"
    | "week"
    | "period"
    | "summary";
  most: number;
  wide?: boolean;
}

export const FIELDS: Correctable[] = [
  { name: "title", most: 200, wide: true },
  { name: "subject", most: 32 },
  { name: "grade", most: 32 },
  { name: "teacher", most: 80 },
  { name: "school", most: 80 },
  { name: "textbook", most: 80 },
  { name: "volume", most: 32 },
  { name: "chapter", most: 200 },
  { name: "class_hour", most: 999 },
  { name: "week", most: 60 },
  { name: "period", most: 32 },
  { name: "summary", most: 4000, wide: true },
];

/** Only what differs: two librarians at different fields do not undo each other. */
export function correction(
  detail: Resource,
  typed: (name: Correctable["name"]) => string,
): Record<string, string | number | null> {
  const changed: Record<string, string | number | null> = {};
  for (const { name } of FIELDS) {
    const value = typed(name).trim();
    if (value === String(detail[name] ?? "")) continue;
    const numeric = name === "class_hour" || name === "week";
    changed[name] = numeric ? (value === "" ? null : Number(value)) : value;
  }
  return changed;
}

export const correct = (
  id: string,
  changed: Record<string, string | number | null>,
): Promise<Resource> => call("PATCH", path(id), changed);

export interface Change {
  /** Unix seconds. */
  at: number;
  who: string;
  field: string;
  old: string;
  new: string;
}

/** Who changed what, newest first; for librarians. */
export const changesOf = (id: string): Promise<Change[]> => call("GET", `${path(id)}/changes`);

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
