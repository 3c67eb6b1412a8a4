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

/** `siteRoom`: our own classroom, which does not look at itself. `came`: has a section
 * ever brought a picture? Publications are announced before they carry one. */
export function arrange(
  view: RoomView,
  siteRoom: string | null,
  came: (slot: SlotState) => boolean,
): Layout {
  const picture = (who: ParticipantState, source: Source): Picture | null => {
    const found = pictureOf(view, who, source);
    return found !== null && came(found.slot) ? found : null;
  };
  const teacher = master(view);
  const guests = (view.room?.participants ?? []).filter(
    (each) =>
      each.on_stage && each.role !== "master" && (siteRoom === null || each.site_room !== siteRoom),
  );
  const slides = teacher && (picture(teacher, "screen") ?? picture(teacher, "board"));
  const face = teacher && picture(teacher, "camera");
  const faces = [face, ...guests.map((each) => picture(each, "camera"))];
  const people = faces.filter((each) => each !== null).slice(0, 3);
  if (slides) return { plan: people.length > 0 ? "lesson" : "solo", pictures: [slides, ...people] };
  if (people.length === 0) return { plan: "empty", pictures: [] };
  return people.length === 1
    ? { plan: "solo", pictures: people }
    : { plan: people.length === 2 ? "pair" : "lesson", pictures: people };
}

function pictureOf(view: RoomView, who: ParticipantState, source: Source): Picture | null {
  const slot = slotOf(view, who.id, source);
  if (slot === null || slot.reason === "publisher_gone") return null;
  const published = who.publications.find((each) => each.id === slot.publication);
  return published?.muted || published?.paused ? null : { who, source, slot };
}
