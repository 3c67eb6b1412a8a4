// The timetable as the scheduler tells it (`/api/v1`).

import { ApiError, call } from "./api";
import { Refused } from "./room";
import type { Role } from "./wire";

export type LessonState =
  | "planned"
  | "preparing"
  | "ready"
  | "live"
  | "ending"
  | "ended"
  | "failed"
  | "cancelled";

/** One classroom of a lesson. */
export interface BookedRoom {
  id: string;
  name: string;
  role: Role;
  /** Waiting for the bell, or in the lesson. */
  present: boolean;
  /** Its agent's control channel is up. */
  online: boolean;
}

export interface Lesson {
  session: string;
  lesson: string;
  state: LessonState;
  /** Why it did not take place, or how it ended, for people. */
  reason_zh: string;
  reason_en: string;
  title: string;
  subject: string;
  grade: string;
  teacher: string;
  school: string;
  period: string;
  starts_at: number;
  ends_at: number;
  recording_state: string;
  /** The library entry, once there is one. */
  resource: string | null;
  /** The master classroom first. */
  rooms: BookedRoom[];
}

export const masterRoom = (lesson: Lesson): BookedRoom | null =>
  lesson.rooms.find((each) => each.role === "master") ?? null;

export const teachingPoints = (lesson: Lesson): BookedRoom[] =>
  lesson.rooms.filter((each) => each.role !== "master");

export const roomName = (lesson: Lesson | null, id: string | null): string =>
  lesson?.rooms.find((each) => each.id === id)?.name ?? "";

export interface JoinRequest {
  role: Role;
  /** What the others see; empty: the signed-in person's own. */
  name?: string;
  /** Which classroom of the lesson this browser sits in. */
  site_room?: string;
  /** Sends nothing: a screen beside the classroom's own agent. */
  listen_only?: boolean;
}

export interface Grant {
  token: string;
  sfu_url: string;
  role: Role;
  title: string;
  ends_at: number;
}

export const isOpen = (state: LessonState): boolean =>
  state === "preparing" || state === "ready" || state === "live";

export const isOver = (state: LessonState): boolean =>
  state === "ended" || state === "failed" || state === "cancelled";

export interface Today {
  lessons: Lesson[];
  /** What is wrong with the server's time, for people. */
  warnings: { zh: string; en: string }[];
}

export const today = (): Promise<Today> => call("GET", "/api/v1/today");

export const lessonsToday = async (): Promise<Lesson[]> => (await today()).lessons;

export const lessonOf = (session: string): Promise<Lesson> =>
  call("GET", `/api/v1/sessions/${encodeURIComponent(session)}`);

export const endLesson = (session: string): Promise<void> =>
  call("POST", `/api/v1/sessions/${encodeURIComponent(session)}/end`);

/** 拖堂: the closing bell rings later. Answers the lesson as it is then. */
export const extendLesson = (session: string, minutes: number): Promise<Lesson> =>
  call("POST", `/api/v1/sessions/${encodeURIComponent(session)}/extend`, { minutes });

/** Goes on with a lesson that was ended early, in a session of its own. */
export const resumeLesson = (session: string): Promise<Lesson> =>
  call("POST", `/api/v1/sessions/${encodeURIComponent(session)}/resume`);

/** Answers that will not change by asking again. */
const FINAL = new Set([400, 403, 404, 409, 410]);

export async function joinLesson(
  session: string,
  body: JoinRequest,
): Promise<Grant> {
  try {
    return await call("POST", `/api/v1/sessions/${encodeURIComponent(session)}/join`, body);
  } catch (error) {
    if (error instanceof ApiError && FINAL.has(error.status)) {
      throw new Refused({ code: error.code, zh: error.message, en: error.message });
    }
    throw error;
  }
}

/** The next lesson that has not begun; `lessons` of one room, `now` Unix seconds. */
export function nextFor(lessons: Lesson[], now: number): Lesson | null {
  const coming = lessons.filter((each) => !isOver(each.state) && each.ends_at > now);
  return coming.sort((a, b) => a.starts_at - b.starts_at)[0] ?? null;
}

