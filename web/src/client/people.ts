// Schools, rooms, teachers and classes without any timetable, for lists to choose from.

import { call } from "./api";
import { type Board, BoardIndex, type Named, type Side } from "./board";

const BASE = "/api/v1";

interface Room extends Named {
  kind: string;
}

export async function everybody(): Promise<BoardIndex> {
  const [schools, rooms, teachers, class_groups] = await Promise.all([
    call<{ id: string; name: string }[]>("GET", `${BASE}/schools`),
    call<Room[]>("GET", `${BASE}/site-rooms`),
    call<Named[]>("GET", `${BASE}/teachers`),
    call<Named[]>("GET", `${BASE}/class-groups`),
  ]);
  const board: Board = {
    id: "",
    term: "",
    name: "",
    state: "past",
    revision: 0,
    week: 1,
    own_week: 1,
    editable: false,
    courses: [],
    placements: [],
    unplaced: [],
    busy: [],
    schools: schools.map(({ id, name }) => ({ id, name, bells: {}, windows: {} })),
    rooms,
    teachers,
    class_groups,
    problems: [],
    warnings: [],
    cost: { total: 0, misfit: 0, edge: 0, subject: 0, spread: 0, gap: 0, load: 0, move: 0 },
    can_undo: false,
    can_redo: false,
    undo_zh: "",
    undo_en: "",
  };
  return new BoardIndex(board);
}

/** An address that shows one calendar to whoever holds it. */
export interface CalendarLink {
  id: string;
  what: Side;
  target: string;
  made_by: string;
  /** Unix seconds. */
  made_at: number;
}

export const calendarLinks = (): Promise<CalendarLink[]> => call("GET", `${BASE}/calendar-links`);

/** `path` is told this once. */
export const makeCalendarLink = (what: Side, id: string): Promise<CalendarLink & { path: string }> =>
  call("POST", `${BASE}/calendar-links`, { what, id });

export const revokeCalendarLink = (id: string): Promise<void> =>
  call("DELETE", `${BASE}/calendar-links/${encodeURIComponent(id)}`);

export const csesUrl = (classGroup: string, term: string): string =>
  `${BASE}/class-groups/${encodeURIComponent(classGroup)}/cses.yaml?term=${encodeURIComponent(term)}`;
