// A week of one room, school, teacher or class in true minutes. Draws what it is given
// and says what was touched; whoever holds it moves the lessons.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { type BoardIndex, type BoardSchool, type BusyTime, keyOf, type Placed, same, type Spot as Lesson, type Viewed } from "../client/board";
import { type Carry, IDLE, type Spot } from "../client/carry";
import { t, weekdayName, word } from "../client/i18n";
import {
  type Axis,
  axisOf,
  clockOf,
  closedOf,
  heightOf,
  heldBetween,
  hoursOf,
  lanesOf,
  minuteAt,
  neighbour,
  type Span,
  spanOf,
  topOf,
  type Way,
  weekdaysOf,
} from "../client/weekgrid";
import { baseCost, type Cell, difference, reasons, toneOf } from "../client/whynot";
import { icon } from "./icons";
import { place, px } from "./place";
import { shared } from "./style";
import { weekStyle } from "./week-style";

export const WAYS: Record<string, Way> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};
const RAIL_PX = 6;
/** More rails than this are a blur; the lesson in hand shows its own. */
const MOST_RAILS = 6;
/** In a narrower week they would take a third of each day. */
const LEAST_FOR_RAILS_PX = 560;
const EDGE_PX = 48;
const HEAD_PX = 34;

@customElement("tk-week")
export class Week extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  @property({ attribute: false }) viewed!: Viewed;
  @property({ attribute: false }) carry: Carry = IDLE;
  @property({ attribute: false }) selected: Placed | null = null;
  @property({ type: Boolean }) fixed = false;
  @state() private height = 0;
  @state() private mostRails = MOST_RAILS;
  @query(".scroll") private scroller!: HTMLElement;
  private axis: Axis = axisOf([], 0);
  private days: number[] = [];
  private lessons: Placed[] = [];
  private readonly watcher = new ResizeObserver(() => {
    // Nothing may shift under a lesson in hand.
    if (this.carry.is !== "idle") return;
    this.height = this.scroller.clientHeight - HEAD_PX - 2;
    this.mostRails = this.scroller.clientWidth < LEAST_FOR_RAILS_PX ? 0 : MOST_RAILS;
  });

  static override styles = [shared, weekStyle];

  protected override firstUpdated(): void {
    this.watcher.observe(this.scroller);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.watcher.disconnect();
  }

  protected override willUpdate(was: PropertyValues<this>): void {
    if (was.has("index") || was.has("viewed") || !this.hasUpdated) {
      this.lessons = [...this.index.lessonsOf(this.viewed)].sort(
        (a, b) => a.weekday - b.weekday || a.start - b.start || a.course.localeCompare(b.course),
      );
    }
    const school = this.home();
    const busy = this.index.busyOf(this.viewed);
    const bells = Object.values(school?.bells ?? {}).flat();
    const windows = Object.values(school?.windows ?? {}).flat();
    const cells = this.cells();
    this.axis = axisOf([...bells, ...windows, ...this.lessons, ...cells], this.height);
    const rung = Object.entries(school?.bells ?? {})
      .filter(([, all]) => all.length > 0)
      .map(([day]) => Number(day));
    const used = [...this.lessons, ...busy, ...cells].map((each) => each.weekday);
    this.days = weekdaysOf([...used, ...rung]);
  }

  /** The lesson in hand, held over a point of the window. */
  spotAt(x: number, y: number): Spot {
    for (const day of this.renderRoot.querySelectorAll<HTMLElement>(".day")) {
      const box = day.getBoundingClientRect();
      if (x < box.left || x >= box.right || y < box.top || y > box.bottom) continue;
      const minute = minuteAt(this.axis, y - box.top);
      return { weekday: Number(day.dataset["day"]), minute };
    }
    return null;
  }

  /** Scrolls on while a lesson is held near an edge. */
  scrollNear(x: number, y: number): void {
    const box = this.scroller.getBoundingClientRect();
    const by = (at: number, from: number, to: number): number =>
      at < from + EDGE_PX ? -10 : at > to - EDGE_PX ? 10 : 0;
    this.scroller.scrollBy(by(x, box.left, box.right), by(y, box.top + HEAD_PX, box.bottom));
    window.scrollBy(0, by(y, 0, window.innerHeight));
  }

  /** Puts the keyboard on a lesson, or if it is gone on the one that Tab would come to. */
  async focusOn(lesson: Lesson): Promise<void> {
    await this.updateComplete;
    const all = [...this.renderRoot.querySelectorAll<HTMLElement>(".lesson")];
    const found =
      all.find((each) => each.dataset["key"] === keyOf(lesson)) ?? all.find((each) => each.tabIndex === 0);
    found?.focus();
    found?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  private home(): BoardSchool | undefined {
    return this.index.schools.get(this.index.schoolOf(this.viewed));
  }

  private cells(): Cell[] {
    return this.carry.is === "carried" ? (this.carry.cells ?? []) : [];
  }

  /** Other schools whose clocks matter here. */
  private rails(): BoardSchool[] {
    const home = this.home()?.id;
    const held = this.carry.is === "carried" ? this.index.courses.get(this.carry.hold.course) : null;
    const courses = held
      ? [held]
      : this.lessons.map((each) => this.index.courses.get(each.course)!);
    const sites = new Set(courses.flatMap((each) => this.index.sitesOf(each)));
    const others = [...sites].filter((each) => each !== home);
    return others.slice(0, this.mostRails).map((each) => this.index.schools.get(each)!);
  }

  private emit(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  // --- drawing ---------------------------------------------------------------

  override render(): TemplateResult {
    const rails = this.rails();
    const carrying = this.carry.is === "carried";
    return html`<div class="scroll">
        <div class="week ${carrying ? "carrying" : ""}" ${place({ "--days": String(this.days.length) })}>
          <div class="head corner"></div>
          ${this.days.map((day) => html`<div class="head">${weekdayName(day)}</div>`)}
          <div class="hours" ${place({ height: px(this.tall) })}>
            ${hoursOf(this.axis).map(
              (hour) =>
                html`<span class=${hour === this.axis.from ? "first" : ""} ${place({ top: px(topOf(this.axis, hour)) })}
                  >${clockOf(hour)}</span
                >`,
            )}
          </div>
          ${this.days.map((day) => this.renderDay(day, rails))}
        </div>
      </div>
      ${carrying ? this.renderStrip() : this.renderLegend(rails)}`;
  }

  private get tall(): number {
    return (this.axis.to - this.axis.from) * this.axis.scale;
  }

  private at(span: Span): Record<"top" | "height", string> {
    return { top: px(topOf(this.axis, span.start)), height: px(heightOf(this.axis, span)) };
  }

  private renderDay(day: number, rails: BoardSchool[]): TemplateResult {
    const school = this.home();
    const bells = school?.bells[day] ?? [];
    const windows = school?.windows[day] ?? [];
    const open = windows.length > 0 ? windows : heldBetween(bells);
    const lessons = this.lessons.filter((each) => each.weekday === day);
    const busy = this.index.busyOf(this.viewed).filter((each) => each.weekday === day);
    const room = rails.length * RAIL_PX;
    return html`<div class="day" data-day=${day} role="group" aria-label=${weekdayName(day)}>
      ${closedOf(open, this.axis).map((each) => html`<div class="closed" ${place(this.at(each))}></div>`)}
      ${hoursOf(this.axis).map((hour) => html`<div class="line" ${place({ top: px(topOf(this.axis, hour)) })}></div>`)}
      ${bells.map(
        (each) =>
          html`<div class="bell" ${place({ ...this.at(each), right: px(room) })}>
            ${each.title} ${spanOf(each)}
          </div>`,
      )}
      ${this.renderBusy(busy, room)}
      ${rails.length === 0
        ? nothing
        : html`<div class="rails" ${place({ width: px(room) })}>
            ${rails.map(
              (each) =>
                html`<div class="rail" title=${each.name}>
                  ${(each.bells[day] ?? []).map((bell) => html`<i ${place(this.at(bell))}></i>`)}
                </div>`,
            )}
          </div>`}
      ${this.renderLessons(lessons, room)} ${this.renderCells(day, room)}
    </div>`;
  }

  private renderBusy(busy: BusyTime[], room: number): TemplateResult[] {
    const lanes = lanesOf(busy);
    return busy.map((each, n) => {
      const closed = each.kind === "closed" ? "closed-time" : "";
      return html`<div class="busy ${closed}" ${place({ ...this.at(each), ...sideBySide(lanes[n]!, room) })}>
        ${closed ? t("week.closed") : t("week.local")} ${each.title}
      </div>`;
    });
  }

  private renderLessons(lessons: Placed[], room: number): unknown {
    const lanes = lanesOf(lessons);
    const first = this.selected ?? this.lessons[0];
    return repeat(
      lessons,
      (each) => keyOf(each),
      (each) => {
        const lane = lanes[lessons.indexOf(each)]!;
        const where = { ...this.at(each), ...sideBySide(lane, room) };
        return this.renderLesson(each, where, first !== undefined && same(first, each));
      },
    );
  }

  private renderLesson(
    lesson: Placed,
    where: ReturnType<typeof sideBySide>,
    reachable: boolean,
  ): TemplateResult {
    const course = this.index.courses.get(lesson.course)!;
    const held =
      this.carry.is !== "idle" &&
      this.carry.hold.course === lesson.course &&
      this.carry.hold.from?.weekday === lesson.weekday &&
      this.carry.hold.from.start === lesson.start;
    const marks = [
      lesson.origin,
      lesson.locked ? "locked" : "",
      this.index.isInTrouble(lesson) ? "trouble" : "",
      held ? "held" : "",
    ].join(" ");
    const teacher = this.index.teachers.get(course.teacher)?.name ?? "";
    return html`<div
      class="lesson ${marks}"
      role="button"
      tabindex=${reachable ? 0 : -1}
      data-key=${keyOf(lesson)}
      data-course=${lesson.course}
      aria-pressed=${this.selected !== null && same(this.selected, lesson)}
      aria-label=${this.describe(lesson)}
      title=${this.describe(lesson)}
      ${place(where)}
      @pointerdown=${(event: PointerEvent) => this.pressed(event, lesson)}
      @contextmenu=${(event: Event) => event.preventDefault()}
      @keydown=${(event: KeyboardEvent) => this.keyOnLesson(event, lesson)}
      @focus=${() => this.emit("lesson-focus", lesson)}
    >
      <strong
        >${lesson.locked ? icon("lock") : nothing}${this.index.isInTrouble(lesson)
          ? icon("warn")
          : nothing}
        ${course.name}${course.weeks === "all" ? "" : ` · ${weeksName(course.weeks)}`}</strong
      >
      <span>${clockOf(lesson.start)} ${this.viewed.side === "teacher" ? "" : teacher}</span>
      <span>${this.index.placesOf(course, this.viewed)}</span>
    </div>`;
  }

  private describe(lesson: Placed): string {
    const course = this.index.courses.get(lesson.course)!;
    return [
      course.name,
      this.index.teachers.get(course.teacher)?.name ?? "",
      `${weekdayName(lesson.weekday)} ${spanOf(lesson)}`,
      this.index.placesOf(course, null),
      word("origin", lesson.origin),
      lesson.locked ? t("week.locked") : "",
      this.index.isInTrouble(lesson) ? t("week.in_trouble") : "",
    ]
      .filter(Boolean)
      .join(t("list.and"));
  }

  private renderCells(day: number, room: number): unknown {
    if (this.carry.is !== "carried" || this.carry.cells === null) return nothing;
    const { cells, over, dragging } = this.carry;
    const base = baseCost(cells);
    const today = cells.map((cell, n) => ({ cell, n })).filter(({ cell }) => cell.weekday === day);
    return today.map(({ cell, n }) => {
      const next = today.map((each) => each.cell.start).filter((start) => start > cell.start);
      const end = Math.min(cell.end, ...next);
      const tone = toneOf(cell, base);
      return html`<button
        class="cell ${tone} ${n === over ? "over" : ""}"
        tabindex="-1"
        data-start=${cell.start}
        aria-label=${cellSentence(cell, base)}
        ${place({ ...this.at({ start: cell.start, end }), right: px(room + 1) })}
        @click=${() => dragging || this.emit("cell-tapped", n)}
        @pointerenter=${(event: PointerEvent) =>
          dragging || event.pointerType !== "mouse" || this.emit("cell-pointed", n)}
      >
        ${cellFace(cell, base)}
      </button>`;
    });
  }

  private renderStrip(): TemplateResult {
    if (this.carry.is !== "carried") return html``;
    const { hold, cells, over, dragging } = this.carry;
    const name = this.index.courses.get(hold.course)?.name ?? "";
    const cell = cells?.[over];
    const base = cells === null ? 0 : baseCost(cells);
    const tone = cell === undefined ? "" : toneOf(cell, base);
    const [keys, tap] = dragging
      ? [t("carry.hint_drag"), t("carry.hint_drag")]
      : [t("carry.hint_keys"), t("carry.hint_tap")];
    return html`<div class="strip ${tone}">
      <p>
        <strong>${name}</strong>
        ${cells === null
          ? t("carry.asking")
          : cell === undefined
            ? cells.length === 0
              ? t("carry.no_start")
              : t("carry.choose")
            : cellSentence(cell, base, 2)}
      </p>
      <button @click=${() => this.emit("put-back", null)}>${t("carry.put_back")}</button>
      <span class="keys">${keys}</span><span class="tap">${tap}</span>
    </div>`;
  }

  private renderLegend(rails: BoardSchool[]): TemplateResult {
    return html`<div class="legend">
      <span><i class="person"></i>${t("origin.person")}</span>
      <span><i class="solver"></i>${t("origin.solver")}</span>
      <span><i class="import"></i>${t("origin.import")}</span>
      <span>${icon("lock")}${t("week.locked")}</span>
      <span><i class="trouble"></i>${t("week.in_trouble")}</span>
      <span><i class="local"></i>${t("week.local")}</span>
      <span><i class="shut"></i>${t("week.no_school")}</span>
      ${rails.length === 0
        ? nothing
        : html`<span
            ><i class="site"></i>${t("week.rails", {
              names: rails.map((each) => each.name).join(t("list.and")),
            })}</span
          >`}
    </div>`;
  }

  // --- what a person does ------------------------------------------------------

  private pressed(event: PointerEvent, lesson: Placed): void {
    if (event.button === 0) this.emit("lesson-pressed", { event, lesson });
  }

  private keyOnLesson(event: KeyboardEvent, lesson: Placed): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.carry.is !== "idle") return;
    const way = WAYS[event.key];
    if (way !== undefined) {
      event.preventDefault();
      const to = this.lessons[neighbour(this.lessons, this.lessons.indexOf(lesson), way)];
      if (to !== undefined) void this.focusOn(to);
      return;
    }
    const deed = { Enter: "lift", " ": "select", l: "lock", L: "lock", Delete: "remove" }[event.key];
    if (deed === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.emit("lesson-key", { deed, lesson });
  }
}

function sideBySide(
  { lane, of }: { lane: number; of: number },
  room: number,
): Record<"left" | "width" | "right", string> {
  const wide = `(100% - ${room + 3}px) / ${of}`;
  return { left: `calc(2px + ${wide} * ${lane})`, width: `calc(${wide} - 1px)`, right: "auto" };
}

function weeksName(weeks: string): string {
  return weeks === "odd" || weeks === "even" ? word("weeks", weeks) : t("weeks.listed", { weeks });
}

/** What a start says on its face: never by colour alone. */
function cellFace(cell: Cell, base: number): TemplateResult {
  switch (toneOf(cell, base)) {
    case "own":
      return html`<span>${t("cell.own")}</span>`;
    case "free":
      return html`<span>${icon("check")} ${t("cell.free")} <b>${difference(cell, base)}</b></span>`;
    case "costly":
      return html`<span>${icon("warn")} ${t("cell.costly")} <b>${difference(cell, base)}</b></span>`;
    case "blocked":
      return html`<span>${icon("cross")} ${briefly(cell)}</span>`;
  }
}

/** The one in the way with the shortest name, for how long, and how many more. */
function briefly({ blockers }: Cell): string {
  const [first] = [...blockers].sort((a, b) => a.who_name.length - b.who_name.length);
  if (first === undefined) return "";
  const more = reasons(blockers).length - 1;
  const minutes = first.minutes > 0 ? t("cell.minutes", { n: first.minutes }) : "";
  return [first.who_name, word("blocked_by", first.kind), minutes, more > 0 ? `+${more}` : ""]
    .filter(Boolean)
    .join(" ");
}

/** A start in a sentence: when, whether it goes, and who is in the way. */
export function cellSentence(cell: Cell, base: number, most = 9): string {
  const when = `${weekdayName(cell.weekday)} ${spanOf(cell)}`;
  switch (toneOf(cell, base)) {
    case "own":
      return t("cell.says_own", { when });
    case "free":
      return t("cell.says_free", { when, points: difference(cell, base) });
    case "costly":
      return t("cell.says_costly", { when, points: difference(cell, base) });
    case "blocked": {
      const all = reasons(cell.blockers);
      const rest = all.length > most ? t("cell.more", { n: all.length - most }) : "";
      const why = [...all.slice(0, most), rest].filter(Boolean).join(t("list.semicolon"));
      return t("cell.says_blocked", { when, why });
    }
  }
}
