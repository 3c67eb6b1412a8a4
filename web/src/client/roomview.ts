// What a page knows of its room: a value, and how each message changes it. Pure.

import type { LineWord } from "./measure";
import type {
  ByeReason,
  ParticipantState,
  RoomState,
  SfuMessage,
  SlotState,
  Source,
} from "./wire";

/** `idle` not started · `joining` first time · `joined` · `reconnecting` by itself ·
 * `ended` for good, see `bye` · `refused` for good, see `refusal`. */
export type Phase =
  | "idle"
  | "joining"
  | "joined"
  | "reconnecting"
  | "ended"
  | "refused";

export interface Refusal {
  code: string;
  zh: string;
  en: string;
}

export interface RoomView {
  phase: Phase;
  /** Own participant id, empty before the first join. */
  me: string;
  control: boolean;
  room: RoomState | null;
  slots: SlotState[];
  bye: ByeReason | null;
  refusal: Refusal | null;
  /** Last answer to something we asked that was not allowed; the lesson goes on. */
  complaint: Refusal | null;
  line: LineWord | null;
}

export const EMPTY_VIEW: RoomView = {
  phase: "idle",
  me: "",
  control: false,
  room: null,
  slots: [],
  bye: null,
  refusal: null,
  complaint: null,
  line: null,
};

export function applyMessage(view: RoomView, message: SfuMessage): RoomView {
  switch (message.type) {
    case "joined":
      return {
        ...view,
        phase: "joined",
        me: message.participant,
        control: message.control,
        room: message.state,
        slots: message.slots,
        bye: null,
        complaint: null,
      };
    case "room_state":
      // A state that was overtaken on its way must not undo a newer one.
      if (view.room !== null && message.version < view.room.version) return view;
      return { ...view, room: message };
    case "slots":
      return { ...view, slots: message.slots };
    case "bye":
      return message.retry
        ? { ...view, phase: "reconnecting" }
        : { ...view, phase: "ended", bye: message.reason };
    case "error":
      return message.fatal
        ? { ...view, phase: "refused", refusal: message }
        : { ...view, complaint: message };
    default:
      return view;
  }
}

export function participant(view: RoomView, id: string): ParticipantState | null {
  return view.room?.participants.find((each) => each.id === id) ?? null;
}

export function myself(view: RoomView): ParticipantState | null {
  return participant(view, view.me);
}

export function master(view: RoomView): ParticipantState | null {
  return view.room?.participants.find((each) => each.role === "master") ?? null;
}

export function rooms(view: RoomView): ParticipantState[] {
  return view.room?.participants.filter((each) => each.role === "room") ?? [];
}

/** Raised hands, the longest-waiting first. */
export function hands(view: RoomView): ParticipantState[] {
  return (view.room?.participants ?? [])
    .filter((each) => each.hand_raised_at != null)
    .sort((a, b) => (a.hand_raised_at ?? 0) - (b.hand_raised_at ?? 0));
}

/** The section that shows this source of that participant, if any does. */
export function slotOf(view: RoomView, id: string, source: Source): SlotState | null {
  return (
    view.slots.find((slot) => slot.participant === id && slot.source === source) ?? null
  );
}
