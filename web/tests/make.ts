// Small builders, so that a test says only what matters to it.

import { EMPTY_VIEW, type RoomView } from "../src/client/roomview";
import type { ParticipantState, RoomState, SlotState, Source } from "../src/client/wire";

export function person(id: string, more: Partial<ParticipantState> = {}): ParticipantState {
  return { id, name: id, role: "room", on_stage: false, muted: true, publications: [], ...more };
}

export function publishing(id: string, sources: Source[], more: Partial<ParticipantState> = {}): ParticipantState {
  const publications = sources.map((source) => ({
    id: `${id}-${source}`,
    source,
    kind: source === "microphone" ? ("audio" as const) : ("video" as const),
    layers: ["high" as const],
    muted: false,
    paused: false,
  }));
  return person(id, { publications, ...more });
}

export function slot(participant: string, source: Source, more: Partial<SlotState> = {}): SlotState {
  const mid = `${participant}/${source}`;
  const publication = `${participant}-${source}`;
  return { mid, kind: "video", participant, publication, source, layer: "high", ...more };
}

export function room(participants: ParticipantState[], more: Partial<RoomState> = {}): RoomState {
  return {
    type: "room_state",
    version: 1,
    room: "ses-1",
    title: "",
    recording: false,
    participants,
    ...more,
  };
}

export function view(
  participants: ParticipantState[],
  slots: SlotState[] = [],
  more: Partial<RoomView> = {},
): RoomView {
  return { ...EMPTY_VIEW, phase: "joined", me: "me", room: room(participants), slots, ...more };
}
