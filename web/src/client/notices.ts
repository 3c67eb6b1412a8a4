// What a classroom's screen says in words, the most important first. Pure.

import type { Key } from "./i18n";
import { master, type RoomView } from "./roomview";
import type { ParticipantState } from "./wire";

export interface Notice {
  key: Key;
  values: Record<string, string>;
  tone: "stage" | "warn" | "hand" | "plain";
}

/** Everybody of our own classroom in the room: its agent, this page. */
function ownSeats(view: RoomView, siteRoom: string | null): ParticipantState[] {
  return (view.room?.participants ?? []).filter(
    (each) => each.id === view.me || (siteRoom !== null && each.site_room === siteRoom),
  );
}

export const handIsUp = (view: RoomView, siteRoom: string | null): boolean =>
  ownSeats(view, siteRoom).some((each) => each.hand_raised_at != null);

export function screenNotices(view: RoomView, siteRoom: string | null): Notice[] {
  const notices: Notice[] = [];
  const add = (tone: Notice["tone"], key: Key, values: Record<string, string> = {}): void => {
    notices.push({ tone, key, values });
  };
  if (view.phase === "reconnecting") add("warn", "notice.reconnecting");
  const own = ownSeats(view, siteRoom);
  if (own.some((each) => each.on_stage)) add("stage", "notice.we_are_on_stage");
  if (view.slots.some((slot) => slot.reason === "bandwidth")) add("warn", "notice.thin_line");
  if (view.room !== null && master(view) === null) add("warn", "notice.teacher_away");
  if (handIsUp(view, siteRoom)) add("hand", "notice.hand_up");
  for (const each of view.room?.participants ?? []) {
    if (each.on_stage && !own.includes(each) && each.role !== "master") {
      add("plain", "notice.on_stage", { room: each.name });
    }
  }
  return notices;
}
