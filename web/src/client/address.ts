// What is looked at, as it stands in the address: a page can be kept, sent, reloaded.

import type { Person } from "./api";
import type { Side, Viewed } from "./board";

export type Tab = "week" | "calendar" | "files";
export const TABS: Tab[] = ["week", "calendar", "files"];

export interface Whereabouts {
  tab: Tab;
  term: string;
  edition: string;
  viewed: Viewed | null;
}

const SIDES = new Set<string>(["room", "school", "teacher", "class"] satisfies Side[]);

export function readAddress(query: URLSearchParams): Whereabouts {
  const tab = query.get("tab") as Tab | null;
  const side = query.get("by") ?? "";
  const id = query.get("of") ?? "";
  return {
    tab: tab !== null && TABS.includes(tab) ? tab : "week",
    term: query.get("term") ?? "",
    edition: query.get("edition") ?? "",
    viewed: SIDES.has(side) && id !== "" ? { side: side as Side, id } : null,
  };
}

export function writeAddress({ tab, term, edition, viewed }: Whereabouts): string {
  const query = new URLSearchParams();
  if (tab !== "week") query.set("tab", tab);
  if (term !== "") query.set("term", term);
  if (edition !== "") query.set("edition", edition);
  if (viewed !== null) {
    query.set("by", viewed.side);
    query.set("of", viewed.id);
  }
  return query.size === 0 ? "" : `?${query.toString()}`;
}

/** The weeks that are somebody's own. */
export function ownWeeks({ teacher, school }: Person): Viewed[] {
  const own: Viewed[] = [];
  if (teacher !== null) own.push({ side: "teacher", id: teacher });
  if (school !== null) own.push({ side: "school", id: school });
  return own;
}
