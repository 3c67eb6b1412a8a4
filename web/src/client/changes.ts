// What a room's screen tells of lessons that were changed for once, for some days.

import { call } from "./api";
import type { Words } from "./overview";

export interface Told {
  /** The repair it tells of; null: a newly published week. */
  repair: string | null;
  /** Unix seconds. */
  at: number;
  lessons: Words[];
}

const SHOWN_S = 3 * 86_400;
const LINES = 2;

export const toldTo = (siteRoom: string): Promise<Told[]> =>
  call("GET", `/api/v1/notices?site_room=${encodeURIComponent(siteRoom)}`);

/** The newest sentences of the last days. A whole new week is for paper, not for here. */
export function recentChanges(told: Told[], now: number): Words[] {
  return told
    .filter((each) => each.repair !== null && now - each.at < SHOWN_S)
    .flatMap((each) => each.lessons)
    .slice(0, LINES);
}
