// One edition of the weekly timetable as the scheduler tells it
// (`/api/v1/editions/{id}/board`), and what a person sees of it at a time. Pure.

import { t } from "./i18n";
import type { At, Span } from "./weekgrid";

export type EditionState = "draft" | "published" | "past";
export type Origin = "person" | "solver" | "import";

export interface Receiver {
  room: string;
  class_group?: string | null;
}

export interface Course {
  id: string;
  name: string;
  subject: string;
  grade: string;
  teacher: string;
  master_room: string;
  master_class?: string | null;
  receivers: Receiver[];
  minutes: number;
  lessons_a_week: number;
  weeks: string;
  kind: string;
}

/** One lesson of the week. */
export interface Placed extends At {
  course: string;
  origin: Origin;
  locked: boolean;
  cost: number;
}

export interface Unplaced {
  course: string;
  /** Lessons a week that have no place yet. */
  missing: number;
}

export interface BusyTime extends At {
  resource_kind: Side;
  resource: string;
  title: string;
  kind: "local" | "closed";
}

export interface Bell extends Span {
  number: number;
  title: string;
}

export interface BoardSchool {
  id: string;
  name: string;
  /** By weekday 1..7. */
  bells: Record<string, Bell[]>;
  /** When pupils are there; without one a day goes from the first bell to the last. */
  windows: Record<string, Span[]>;
}

export interface Named {
  id: string;
  name: string;
  school: string;
}

/** Where a lesson stands. */
export interface Spot {
  course: string;
  weekday: number;
  start: number;
}

/** A rule that the timetable breaks as it stands. */
export interface Trouble {
  kind: string;
  who_kind: Side | "";
  who: string;
  lessons: Spot[];
  zh: string;
  en: string;
}

/** Points by soft rule; smaller is better. */
export interface Costs {
  total: number;
  misfit: number;
  edge: number;
  subject: number;
  spread: number;
  gap: number;
  load: number;
  move: number;
}

export interface LeftOut {
  zh: string;
  en: string;
}

export interface Board {
  id: string;
  term: string;
  name: string;
  state: EditionState;
  revision: number;
  /** The term week whose bells are shown, and the one the starts were read from. */
  week: number;
  own_week: number;
  /** A draft, shown by its own bells. */
  editable: boolean;
  courses: Course[];
  placements: Placed[];
  unplaced: Unplaced[];
  busy: BusyTime[];
  schools: BoardSchool[];
  rooms: (Named & { kind: string })[];
  teachers: Named[];
  class_groups: Named[];
  problems: Trouble[];
  warnings: LeftOut[];
  cost: Costs;
  can_undo: boolean;
  can_redo: boolean;
  /** What an undo would take back. */
  undo_zh: string;
  undo_en: string;
}

/** What a change made of the board: `gone` places are free, `placed` new or changed. */
export interface BoardChanges
  extends Pick<
    Board,
    "revision" | "unplaced" | "problems" | "cost" | "can_undo" | "can_redo" | "undo_zh" | "undo_en"
  > {
  gone: Spot[];
  placed: Placed[];
}

/** Whose week is looked at. */
export type Side = "room" | "school" | "teacher" | "class";

export interface Viewed {
  side: Side;
  id: string;
}

const MOST_NAMED = 3;

/** Everything of a board by id, made once per answer of the server. */
export class BoardIndex {
  readonly courses: Map<string, Course>;
  readonly schools: Map<string, BoardSchool>;
  readonly rooms: Map<string, Board["rooms"][number]>;
  readonly teachers: Map<string, Named>;
  readonly classes: Map<string, Named>;
  private readonly lessons = new Map<string, Placed[]>();
  private readonly busy = new Map<string, BusyTime[]>();
  private readonly troubled = new Set<string>();

  constructor(readonly board: Board) {
    const byId = <T extends { id: string }>(all: T[]): Map<string, T> =>
      new Map(all.map((each) => [each.id, each]));
    this.courses = byId(board.courses);
    this.schools = byId(board.schools);
    this.rooms = byId(board.rooms);
    this.teachers = byId(board.teachers);
    this.classes = byId(board.class_groups);
    for (const each of board.placements) {
      for (const key of this.concerned(each.course)) push(this.lessons, key, each);
    }
    for (const each of board.busy) {
      push(this.busy, `${each.resource_kind} ${each.resource}`, each);
      const school = this.schoolOf({ side: each.resource_kind, id: each.resource });
      if (school !== "" && each.resource_kind !== "school") push(this.busy, `school ${school}`, each);
    }
    for (const each of board.problems.flatMap((trouble) => trouble.lessons)) {
      this.troubled.add(keyOf(each));
    }
  }

  troublesOf(lesson: Spot): Trouble[] {
    return this.board.problems.filter((each) => each.lessons.some((one) => same(one, lesson)));
  }

  isInTrouble(lesson: Spot): boolean {
    return this.troubled.has(keyOf(lesson));
  }

  /** Keys of everybody whom the lessons of a course concern. */
  concerns(course: string, { side, id }: Viewed): boolean {
    return this.concerned(course).has(`${side} ${id}`);
  }

  private concerned(course: string): Set<string> {
    const of = this.courses.get(course);
    if (of === undefined) return new Set();
    const rooms = [of.master_room, ...of.receivers.map((each) => each.room)];
    const classes = [of.master_class, ...of.receivers.map((each) => each.class_group)];
    return new Set([
      `teacher ${of.teacher}`,
      ...rooms.map((each) => `room ${each}`),
      ...classes.filter(Boolean).map((each) => `class ${each}`),
      ...rooms.map((each) => `school ${this.rooms.get(each)?.school ?? ""}`),
    ]);
  }

  lessonsOf({ side, id }: Viewed): Placed[] {
    return this.lessons.get(`${side} ${id}`) ?? [];
  }

  busyOf({ side, id }: Viewed): BusyTime[] {
    return this.busy.get(`${side} ${id}`) ?? [];
  }

  /** The school whose bells are heard there. */
  schoolOf({ side, id }: Viewed): string {
    if (side === "school") return id;
    const among = { room: this.rooms, teacher: this.teachers, class: this.classes }[side];
    return among?.get(id)?.school ?? "";
  }

  has({ side, id }: Viewed): boolean {
    const among = { room: this.rooms, school: this.schools, teacher: this.teachers, class: this.classes };
    return among[side].has(id);
  }

  /** What one begins with: the master room that teaches most. */
  first(): Viewed {
    const lessons = new Map<string, number>();
    for (const { master_room: room, lessons_a_week } of this.board.courses) {
      lessons.set(room, (lessons.get(room) ?? 0) + lessons_a_week);
    }
    const [best] = [...lessons].sort((a, b) => b[1] - a[1]);
    return { side: "room", id: best?.[0] ?? "" };
  }

  /** Who can be looked at from a side, as people look them up. */
  all(side: Side): Named[] {
    const { board } = this;
    if (side === "teacher") return board.teachers;
    if (side === "class") return board.class_groups.map((each) => ({ ...each, name: this.inSchool(each) }));
    if (side === "school") return board.schools.map(({ id, name }) => ({ id, name, school: id }));
    return board.rooms.map((each) => ({ ...each, name: this.inSchool(each) }));
  }

  /** Rooms that lessons are taught from. */
  masterRooms(): Named[] {
    const masters = new Set(this.board.courses.map((each) => each.master_room));
    const may = (id: string): boolean => masters.has(id) || this.rooms.get(id)?.kind !== "receiving";
    return this.all("room").filter((each) => may(each.id));
  }

  /** Whom to look at from another side: somebody of the lessons now in view. */
  nextTo(viewed: Viewed, side: Side): string {
    const [lesson] = this.lessonsOf(viewed);
    const course = this.courses.get(lesson?.course ?? "");
    const school = this.schoolOf(viewed);
    const near = this.all(side).find((each) => each.school === school)?.id;
    const shared = {
      room: course?.master_room,
      teacher: course?.teacher,
      class: course?.receivers[0]?.class_group ?? course?.master_class,
      school: viewed.side === "class" ? school : this.rooms.get(course?.receivers[0]?.room ?? "")?.school,
    }[side];
    return shared ?? near ?? this.all(side)[0]?.id ?? "";
  }

  roomName(room: string): string {
    const found = this.rooms.get(room);
    return found === undefined ? room : this.inSchool(found);
  }

  /** Rooms and classes are called alike in many schools. */
  private inSchool({ name, school }: Named): string {
    const of = this.schools.get(school)?.name ?? "";
    return name.startsWith(of) ? name : `${of} ${name}`;
  }

  /** Where a course is taught and received; only the far ends for one of them. */
  placesOf(course: Course, viewed: Viewed | null): string {
    const far = course.receivers.map((each) => this.pointName(each.room));
    const named = far.length <= MOST_NAMED ? far : far.slice(0, MOST_NAMED);
    const list = named.join(t("list.and"));
    const points = far.length > named.length ? t("week.and_more", { list, n: far.length }) : list;
    if (viewed?.side === "room" && viewed.id === course.master_room) return `→ ${points}`;
    return `${this.roomName(course.master_room)} → ${points}`;
  }

  private pointName(room: string): string {
    const found = this.rooms.get(room);
    return this.schools.get(found?.school ?? "")?.name ?? found?.name ?? room;
  }

  /** The schools that take part in a course, the master's first. */
  sitesOf(course: Course): string[] {
    const rooms = [course.master_room, ...course.receivers.map((each) => each.room)];
    const schools = rooms.map((each) => this.rooms.get(each)?.school ?? "");
    return [...new Set(schools.filter(Boolean))];
  }

  /** Lessons of the week that still lack a place and concern what is looked at; of all
   * when nothing is. */
  tray(viewed: Viewed | null): Unplaced[] {
    if (viewed === null) return this.board.unplaced;
    return this.board.unplaced.filter((each) => this.concerns(each.course, viewed));
  }
}

function push<T>(into: Map<string, T[]>, key: string, value: T): void {
  const there = into.get(key);
  if (there === undefined) into.set(key, [value]);
  else there.push(value);
}

export const keyOf = ({ course, weekday, start }: Spot): string => `${course}@${weekday}-${start}`;

export const same = (a: Spot, b: Spot): boolean => a.course === b.course && a.weekday === b.weekday && a.start === b.start;

export type ChangeKind = "place" | "move" | "remove" | "lock" | "unlock";

/** What a person does to one lesson, as the server is told. */
export interface Change extends Spot {
  kind: ChangeKind;
  to_weekday?: number;
  to_start?: number;
  force?: boolean;
}

/** The board as it will be, shown before the server has agreed. */
export function changed(board: Board, change: Change): Board {
  const length = board.courses.find((each) => each.id === change.course)?.minutes ?? 0;
  const at = (weekday: number, start: number): Placed => ({
    course: change.course,
    weekday,
    start,
    end: start + length,
    origin: "person",
    locked: false,
    cost: 0,
  });
  const others = board.placements.filter((each) => !same(each, change));
  const old = board.placements.find((each) => same(each, change));
  const count = (by: number): Unplaced[] => counted(board.unplaced, change.course, by);
  switch (change.kind) {
    case "place":
      return {
        ...board,
        placements: [...board.placements, at(change.weekday, change.start)],
        unplaced: count(-1),
      };
    case "move": {
      const moved = at(change.to_weekday ?? change.weekday, change.to_start ?? change.start);
      return { ...board, placements: [...others, { ...moved, locked: old?.locked ?? false }] };
    }
    case "remove":
      return { ...board, placements: others, unplaced: count(+1) };
    case "lock":
    case "unlock":
      if (old === undefined) return board;
      return {
        ...board,
        placements: [...others, { ...old, locked: change.kind === "lock" }],
      };
  }
}

/** The board after the server's answer to a change. */
export function applied(board: Board, { gone, placed, ...rest }: BoardChanges): Board {
  const away = new Set([...gone, ...placed].map(keyOf));
  const kept = board.placements.filter((each) => !away.has(keyOf(each)));
  return { ...board, ...rest, placements: [...kept, ...placed] };
}

function counted(unplaced: Unplaced[], course: string, by: number): Unplaced[] {
  const before = unplaced.find((each) => each.course === course)?.missing ?? 0;
  const rest = unplaced.filter((each) => each.course !== course);
  const missing = before + by;
  return missing > 0 ? [...rest, { course, missing }] : rest;
}

/** Names that hold every word typed, the ones that begin with it first. */
export function findNamed(all: readonly Named[], typed: string, most: number): Named[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (each: Named): boolean => {
    const name = `${each.name} ${each.id}`.toLowerCase();
    return words.every((word) => name.includes(word));
  };
  const begins = (each: Named): number =>
    words.length > 0 && each.name.toLowerCase().startsWith(words[0]!) ? 0 : 1;
  return all
    .filter(holds)
    .sort((a, b) => begins(a) - begins(b))
    .slice(0, most);
}
