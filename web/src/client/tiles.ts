// From the room as the SFU tells it, and the rooms the timetable booked, to tiles in
// an order that does not jump about. Pure.

import { hands, rooms, type RoomView, slotOf } from "./roomview";
import type { BookedRoom } from "./lessons";
import type { ParticipantState, SlotState } from "./wire";

export interface TileFacts {
  siteRoom: string;
  name: string;
  /** null: not in the room. */
  who: ParticipantState | null;
  slot: SlotState | null;
  stream: MediaStream | null;
  speaking: boolean;
  /** Its picture stood still for much of the last seconds. */
  frozen: boolean;
  /** 1 for the longest-waiting hand, 0 for none. */
  handOrder: number;
  /** Key that calls it on stage, 1-9. */
  number: number;
}

export type BookedTile = Omit<TileFacts, "stream" | "frozen">;

/** `booked`: the lesson's classrooms without the master's, in their order. */
export function makeTiles(view: RoomView, booked: Pick<BookedRoom, "id" | "name">[]): BookedTile[] {
  const present = rooms(view);
  const order = hands(view).map(placeOf);
  const seats = booked.map(({ id, name }) => ({
    siteRoom: id,
    name,
    who: seatOf(present, id),
  }));
  const guests = present
    .filter((each) => !booked.some(({ id }) => id === each.site_room))
    .map((who) => ({ siteRoom: placeOf(who), name: who.name, who }));
  return [...seats, ...guests].map((seat, index) => ({
    ...seat,
    slot: seat.who && slotOf(view, seat.who.id, "camera"),
    speaking: seat.who !== null && view.room?.dominant_speaker === seat.who.id,
    handOrder: order.indexOf(seat.siteRoom) + 1,
    number: index + 1,
  }));
}

const placeOf = (who: ParticipantState): string => who.site_room ?? who.id;

/** A classroom may be in twice, its agent and its screen page: the one that sends
 * picture and sound is the one to look at and to call on stage. */
export function seatOf(present: ParticipantState[], siteRoom: string): ParticipantState | null {
  const seats = present.filter((each) => each.site_room === siteRoom);
  return seats.find((each) => each.publications.length > 0) ?? seats[0] ?? null;
}

/** How much of a tile's time may stand still before it is said, of 5 s. */
export const FROZEN_S = 1.5;
