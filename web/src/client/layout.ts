// What a room's screen shows, and where. Nobody in the room chooses: the teacher's
// doings decide. Pure.

import { master, type RoomView, slotOf } from "./roomview";
import type { ParticipantState, SlotState, Source } from "./wire";

export interface Picture {
  who: ParticipantState;
  source: Source;
  slot: SlotState;
}

/** `solo` one picture · `pair` two faces side by side · `lesson` slides large, faces
 * in a column beside them · `empty` nothing to show yet. */
export type Plan = "empty" | "solo" | "pair" | "lesson";

export interface Layout {
  plan: Plan;
  /** The first is the main picture. */
  pictures: Picture[];
}

/** `siteRoom`: our own classroom, which does not look at itself. */
export function arrange(view: RoomView, siteRoom: string | null): Layout {
  const teacher = master(view);
  const guests = (view.room?.participants ?? []).filter(
    (each) =>
      each.on_stage && each.role !== "master" && (siteRoom === null || each.site_room !== siteRoom),
  );
  const slides = teacher && (picture(view, teacher, "screen") ?? picture(view, teacher, "board"));
  const face = teacher && picture(view, teacher, "camera");
  const faces = [face, ...guests.map((each) => picture(view, each, "camera"))];
  const people = faces.filter((each) => each !== null).slice(0, 3);
  if (slides) return { plan: people.length > 0 ? "lesson" : "solo", pictures: [slides, ...people] };
  if (people.length === 0) return { plan: "empty", pictures: [] };
  return people.length === 1
    ? { plan: "solo", pictures: people }
    : { plan: people.length === 2 ? "pair" : "lesson", pictures: people };
}

function picture(view: RoomView, who: ParticipantState, source: Source): Picture | null {
  const slot = slotOf(view, who.id, source);
  if (slot === null || slot.reason === "publisher_gone") return null;
  const published = who.publications.find((each) => each.id === slot.publication);
  return published?.muted ? null : { who, source, slot };
}
