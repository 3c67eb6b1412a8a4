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

export interface Lesson {
  session: string;
  lesson: string;
  state: LessonState;
  title: string;
  subject: string;
  grade: string;
  teacher: string;
  school: string;
  period: string;
  master_room: string;
  site_rooms: Record<string, string>;
  /** The master classroom has an agent of its own on its control channel. */
  master_agent_online?: boolean;
  starts_at: number;
  ends_at: number;
}

export interface JoinRequest {
  role: Role;
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

export const lessonsToday = async (): Promise<Lesson[]> =>
  (await call<{ lessons: Lesson[] }>("GET", "/api/v1/today")).lessons;

export const lessonOf = (session: string): Promise<Lesson> =>
  call("GET", `/api/v1/sessions/${encodeURIComponent(session)}`);

export const endLesson = (session: string): Promise<void> =>
  call("POST", `/api/v1/sessions/${encodeURIComponent(session)}/end`);

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

