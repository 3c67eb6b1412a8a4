// HTTP to the services. Every call has a deadline; every failure is an `ApiError`
// with a sentence a person can act on.

import { pick, t } from "./i18n";

const DEADLINE_MS = 10_000;
const UPLOAD_DEADLINE_MS = 60_000;

export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
    /** Whatever else the answer says, such as the faults of an import. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  get notSignedIn(): boolean {
    return this.status === 401;
  }
}

interface Problem {
  code?: string;
  zh?: string;
  en?: string;
}

export async function call<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  return read<T>(await send(method, path, body, deadlineMs));
}

/** Files as a person chose them, as multipart/form-data. */
export async function upload<T>(path: string, files: Iterable<File>): Promise<T> {
  const form = new FormData();
  for (const each of files) form.append("file", each, each.name);
  return read<T>(await send("POST", path, form, UPLOAD_DEADLINE_MS));
}

/** One file as the whole body. */
export async function uploadOne<T>(path: string, file: File): Promise<T> {
  return read<T>(await send("POST", path, file, UPLOAD_DEADLINE_MS));
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) throw await explain(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

async function send(
  method: string,
  path: string,
  body: unknown,
  deadlineMs: number,
): Promise<Response> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(deadlineMs) };
  if (body instanceof FormData || body instanceof Blob) {
    init.body = body;
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  try {
    return await fetch(path, init);
  } catch {
    throw new ApiError(0, "no_answer", t("error.no_answer"));
  }
}

/** RFC 9457 problem → its sentence; anything else → what the status means. */
async function explain(response: Response): Promise<ApiError> {
  let problem: Problem & Record<string, unknown> = {};
  if (response.headers.get("Content-Type")?.includes("json")) {
    problem = (await response.json()) as typeof problem;
  }
  const message = pick(problem) || t("error.status", { status: response.status });
  return new ApiError(response.status, problem.code ?? "http", message, problem);
}

export function say(error: unknown): string {
  return error instanceof ApiError ? error.message : t("error.page");
}

/** `?a=1&b=2` of what is set; empty texts are left out. */
export function queryOf(values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The key becomes an HttpOnly cookie. Throws ApiError when it is not good. */
export const signIn = (key: string): Promise<void> =>
  call("POST", "/api/v1/sign-in", { key });

export interface Person {
  name: string;
  roles: string[];
  /** Whose timetable is theirs, by id. */
  teacher: string | null;
  school: string | null;
}

export const whoAmI = (): Promise<Person> => call("GET", "/api/v1/me");

export const may = (person: Person, ...roles: string[]): boolean =>
  person.roles.includes("operator") || roles.some((role) => person.roles.includes(role));

/** Pages that answer only some; all others are for everybody who is signed in. */
const ONLY_FOR: Readonly<Record<string, string[]>> = { "/status": ["observer"] };

/** Is a page to be offered? Not to somebody of whom nothing is known yet. */
export function mayOpen(person: Person | null, path: string): boolean {
  const roles = ONLY_FOR[path];
  return roles === undefined || (person !== null && may(person, ...roles));
}
