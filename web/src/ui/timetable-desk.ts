// One edition on the desk: the week in the middle, tools above it, a panel beside it.
// Everything a person does to a lesson comes together here.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { say } from "../client/api";
import { type Board, type BoardIndex, type Change, type ChangeKind, type Placed, same, type Spot as Lesson, type Viewed } from "../client/board";
import type { Carry, Deed, Hold, Point, Spot } from "../client/carry";
import { ChangedElsewhere, Desk } from "../client/desk";
import type { Edition, Rule, Term } from "../client/editions";
import { t, weekdayName, word } from "../client/i18n";
import { typing } from "../client/shortcuts";
import { clockOf } from "../client/weekgrid";
import { baseCost } from "../client/whynot";
import "./blocked";
import { Carrier } from "./carrier";
import "./check";
import "./desk-tools";
import "./first-hint";
import { ghost } from "./ghost";
import { icon } from "./icons";
import "./publish";
import "./repair";
import "./solve";
import { shared } from "./style";
import "./tray";
import type { Tray } from "./tray";
import { deskLayout } from "./timetable-style";
import "./wait";
import { cellSentence, type Week } from "./week";
import "./week";
import "./who";

const PANELS = ["tray", "solve", "check", "publish", "repair"] as const;
type Panel = (typeof PANELS)[number];
const TO_COPY = ["desk.is_published", "desk.is_past"] as const;
/** Said to whoever may not make a draft. */
const TO_READ = ["desk.is_published_to_read", "desk.is_past_to_read"] as const;

@customElement("tk-timetable-desk")
export class TimetableDesk extends LitElement {
  @property({ attribute: false }) term!: Term;
  @property({ attribute: false }) editions: Edition[] = [];
  @property() edition = "";
  @property({ attribute: false }) viewed: Viewed | null = null;
  /** Of a person who may only look. */
  @property({ type: Boolean }) fixed = false;
  @state() private panel: Panel = "tray";
  @state() private selected: Placed | null = null;
  @state() private trouble = "";
  @state() private spoken = "";
  /** The solver runs. */
  @state() private atWork = false;
  private solveOpened = false;
  @query("tk-week") private week!: Week | null;
  @query("tk-tray") private tray!: Tray | null;
  private readonly desk = new Desk(() => this.refresh());
  private readonly carrier = new Carrier(this, {
    whyNot: (hold) => this.desk.whyNot(hold),
    spotAt: (at) => this.spotAt(at),
    scrollNear: (at) => this.week?.scrollNear(at.x, at.y),
    perform: (deed) => this.perform(deed),
    stepped: (was, now, done) => this.stepped(was, now, done),
    failed: (error) => this.fail(error),
  });

  static override styles = [shared, deskLayout];

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("keydown", this.keyed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("keydown", this.keyed);
  }

  protected override willUpdate(was: PropertyValues<this>): void {
    if (was.has("edition")) void this.open();
  }

  private async open(): Promise<void> {
    this.carrier.putBack();
    this.selected = null;
    this.atWork = false;
    this.desk.close();
    await this.attempt(() => this.desk.open(this.edition));
  }

  private async attempt(deed: () => Promise<void>): Promise<boolean> {
    try {
      await deed();
      this.trouble = "";
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  private fail(error: unknown): void {
    this.trouble = error instanceof ChangedElsewhere ? t("desk.changed_elsewhere") : say(error);
    this.spoken = this.trouble;
  }

  private refresh(): void {
    const { selected, desk } = this;
    if (selected !== null && desk.board !== null) {
      this.selected = desk.board.placements.find((each) => same(each, selected)) ?? null;
    }
    this.requestUpdate();
  }

  /** Whose week is shown: what was asked for, else the first master room with lessons. */
  private lookedAt(index: BoardIndex): Viewed {
    const asked = this.viewed;
    if (asked !== null && index.has(asked)) return asked;
    return index.first();
  }

  private get locked(): boolean {
    return this.fixed || this.desk.board?.editable !== true;
  }

  // --- moving lessons ------------------------------------------------------------

  private spotAt({ x, y }: Point): Spot {
    const box = this.tray?.getBoundingClientRect();
    if (box && x >= box.left && x <= box.right && y >= box.top && y <= box.bottom) return "tray";
    return this.week?.spotAt(x, y) ?? null;
  }

  private stepped(was: Carry, now: Carry, done: boolean): void {
    if (now.is === "carried" && this.desk.index !== null) this.speakOf(was, now, this.desk.index);
    if (!done && now.is === "idle" && (was.is === "carried" || was.is === "asking")) {
      this.spoken = t("carry.down");
      if (was.hold.from !== null) void this.week?.focusOn({ course: was.hold.course, ...was.hold.from });
    }
  }

  private speakOf(was: Carry, now: Carry & { is: "carried" }, index: BoardIndex): void {
    const cell = now.cells?.[now.over];
    if (was.is !== "carried") {
      this.trouble = "";
      this.spoken = t("carry.lifted", { name: index.courses.get(now.hold.course)?.name ?? "" });
    } else if (cell !== undefined && cell !== was.cells?.[was.over]) {
      this.spoken = cellSentence(cell, baseCost(now.cells ?? []));
    }
  }

  private perform(deed: Exclude<Deed, { do: "ask_why_not" }>): void {
    const { hold } = deed;
    if (deed.do === "click") this.select(hold);
    else if (deed.do === "remove" && hold.from !== null) {
      void this.change({ kind: "remove", course: hold.course, ...hold.from });
    } else if (deed.do === "place") {
      const { weekday, start } = deed.cell;
      const force = deed.force ? { force: true } : {};
      const wish: Change =
        hold.from === null
          ? { kind: "place", course: hold.course, weekday, start, ...force }
          : { kind: "move", course: hold.course, ...hold.from, to_weekday: weekday, to_start: start, ...force };
      void this.change(wish, { course: hold.course, weekday, start });
    }
  }

  private async change(wish: Change, then: Lesson = wish): Promise<void> {
    if (!(await this.attempt(() => this.desk.change(wish)))) return;
    const name = this.desk.index?.courses.get(wish.course)?.name ?? "";
    const when = `${weekdayName(then.weekday)} ${clockOf(then.start)}`;
    this.spoken = t(`did.${wish.kind}`, { name, when });
    this.selected = this.desk.board?.placements.find((each) => same(each, then)) ?? null;
    await this.updateComplete;
    await this.week?.focusOn(then);
  }

  private back(way: "undo" | "redo"): void {
    void this.attempt(async () => {
      await this.desk.back(way);
      this.spoken = t(`did.${way}`);
    });
  }

  private select(hold: Hold): void {
    if (hold.from === null) this.lift(hold);
    else this.selected = this.placed(hold);
  }

  private placed(hold: Hold): Placed | null {
    const { from } = hold;
    if (from === null) return null;
    const spot = { course: hold.course, ...from };
    return this.desk.board?.placements.find((each) => same(each, spot)) ?? null;
  }

  private lift(hold: Hold): void {
    if (this.locked) return;
    if (this.placed(hold)?.locked) {
      this.trouble = this.spoken = t("desk.is_locked");
      return;
    }
    const { index } = this.desk;
    const course = index?.courses.get(hold.course);
    // A lesson of elsewhere is placed in its own master room's week.
    if (index && course && !index.concerns(course.id, this.lookedAt(index))) {
      this.look({ side: "room", id: course.master_room });
    }
    this.week?.scrollIntoView({ block: "nearest" });
    this.carrier.lift(hold);
  }

  private look(viewed: Viewed): void {
    this.dispatchEvent(new CustomEvent("look", { detail: viewed }));
  }

  /** Shows the week in which a lesson stands, with the lesson chosen. */
  private show(lesson: Lesson): void {
    const { index } = this.desk;
    const course = index?.courses.get(lesson.course);
    if (!index || !course) return;
    if (!index.concerns(course.id, this.lookedAt(index))) {
      this.look({ side: "room", id: course.master_room });
    }
    this.selected = index.board.placements.find((each) => same(each, lesson)) ?? null;
    void this.updateComplete.then(() => this.week?.focusOn(lesson));
  }

  private showRule({ kind, id }: Rule): void {
    const { index } = this.desk;
    const course = index?.courses.get(id);
    if (course) this.look({ side: "room", id: course.master_room });
    else if (index) {
      const side = (["room", "teacher", "class", "school"] as const).find((each) => index.has({ side: each, id }));
      if (side !== undefined) this.look({ side, id });
      else this.trouble = t("why.elsewhere", { what: word("rule", kind) });
    }
  }

  private readonly keyed = (event: KeyboardEvent): void => {
    if (this.locked || typing(event) || this.carrier.carry.is !== "idle") return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const way = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (way === null) return;
    event.preventDefault();
    if (way === "undo" ? this.desk.board?.can_undo : this.desk.board?.can_redo) this.back(way);
  };

  private readonly onLessonKey = ({ detail }: CustomEvent<{ deed: string; lesson: Placed }>): void => {
    const { deed, lesson } = detail;
    const { course, weekday, start } = lesson;
    if (deed === "select") this.selected = lesson;
    else if (deed === "unselect") this.selected = null;
    else if (this.locked) this.trouble = t("desk.not_editable");
    else if (deed === "lift") this.lift({ course, from: { weekday, start } });
    else {
      const kind: ChangeKind = deed === "remove" ? "remove" : lesson.locked ? "unlock" : "lock";
      void this.change({ kind, course, weekday, start });
    }
  };

  private press(event: PointerEvent, hold: Hold): void {
    if (this.locked || this.placed(hold)?.locked) this.select(hold);
    else this.carrier.press(hold, event);
  }

  // --- drawing ---------------------------------------------------------------------

  override render(): TemplateResult {
    const { index } = this.desk;
    return html`<p class="sr" role="status" aria-live="assertive">${this.spoken}</p>
      ${this.trouble === ""
        ? nothing
        : html`<p class="alert" role="alert">
            ${this.trouble}
            ${index === null
              ? html`<button @click=${() => void this.open()}>${t("wait.again")}</button>`
              : html`<button @click=${() => (this.trouble = "")}>${t("notice.ok")}</button>`}
          </p>`}
      ${index === null
        ? this.trouble === ""
          ? html`<tk-wait message=${t("today.loading")} @again=${() => void this.open()}></tk-wait>`
          : nothing
        : this.renderDesk(index)}`;
  }

  private renderDesk(index: BoardIndex): TemplateResult {
    if (index.board.courses.length === 0) {
      return html`<div class="none">
        <p class="empty">${t(this.fixed ? "begin.nothing" : "begin.no_courses")}</p>
        ${this.fixed
          ? nothing
          : html`<button class="primary" @click=${() => this.dispatchEvent(new CustomEvent("to-files"))}>
              ${t("begin.to_files")}
            </button>`}
      </div>`;
    }
    const viewed = this.lookedAt(index);
    return html`${this.renderTools(index, viewed)} ${this.renderNote(index.board)}
      <div class="desk ${this.carrier.carry.is === "carried" ? "carrying" : ""}">
        ${this.locked ? nothing : html`<tk-first-hint></tk-first-hint>`}
        <tk-week
          .index=${index}
          .viewed=${viewed}
          .carry=${this.carrier.carry}
          .selected=${this.selected}
          ?fixed=${this.locked}
          @lesson-pressed=${({ detail }: CustomEvent<{ event: PointerEvent; lesson: Placed }>) => {
            const { course, weekday, start } = detail.lesson;
            this.press(detail.event, { course, from: { weekday, start } });
          }}
          @lesson-key=${this.onLessonKey}
          @cell-tapped=${({ detail }: CustomEvent<number>) => {
            this.carrier.pointAt(detail);
            this.carrier.drop();
          }}
          @cell-pointed=${({ detail }: CustomEvent<number>) => this.carrier.pointAt(detail)}
          @put-back=${() => this.carrier.putBack()}
        ></tk-week>
        <aside>${this.renderPanels(index, viewed)}</aside>
      </div>
      <tk-blocked
        .cell=${this.carrier.carry.is === "asking" ? this.carrier.carry.cell : null}
        @force=${() => this.carrier.force()}
        @put-back=${() => this.carrier.putBack()}
      ></tk-blocked>
      ${ghost(this.carrier.carry, index)}`;
  }

  private renderTools({ board }: BoardIndex, viewed: Viewed): TemplateResult {
    return html`<div class="tools">
      <tk-who
        .index=${this.desk.index}
        .viewed=${viewed}
        @look=${(event: CustomEvent<Viewed>) => this.look(event.detail)}
      ></tk-who>
      <tk-desk-tools
        .board=${board}
        .term=${this.term}
        ?fixed=${this.locked}
        @back=${(event: CustomEvent<"undo" | "redo">) => this.back(event.detail)}
        @ring=${(event: CustomEvent<number>) => this.ring(event.detail)}
      ></tk-desk-tools>
    </div>`;
  }

  private renderNote(board: Board): TemplateResult | typeof nothing {
    if (board.state !== "draft") {
      const notes = this.fixed ? TO_READ : TO_COPY;
      return html`<p class="note" id="note">
        ${t(notes[board.state === "published" ? 0 : 1])}
        ${this.fixed
          ? nothing
          : html`<button
              id="copy"
              @click=${() => this.dispatchEvent(new CustomEvent("copy-edition", { detail: board.id }))}
            >
              ${icon("copy")}${t("desk.copy")}
            </button>`}
      </p>`;
    }
    if (board.week !== board.own_week) {
      return html`<p class="note" id="note">
        ${t("bells.other", { week: board.week, own: board.own_week })}
        <button @click=${() => this.ring(board.own_week)}>${t("bells.back", { n: board.own_week })}</button>
      </p>`;
    }
    return nothing;
  }

  /** Shows the week by the bells of another one, such as after the summer bells begin. */
  private ring(week: number): void {
    void this.attempt(() => this.desk.open(this.edition, week));
  }

  private renderPanels(index: BoardIndex, viewed: Viewed): TemplateResult {
    const counts: Partial<Record<Panel, number>> = {
      tray: index.board.unplaced.reduce((sum, each) => sum + each.missing, 0),
      check: index.board.problems.length,
    };
    const shown = this.fixed ? PANELS.filter((each) => each === "tray" || each === "check") : PANELS;
    return html`<div class="panels" role="tablist" aria-label=${t("panel.label")}>
        ${shown.map(
          (each) =>
            html`<button
              role="tab"
              id=${`to-${each}`}
              aria-selected=${each === this.panel}
              @click=${() => (this.panel = each)}
            >
              ${t(`panel.${each}`)}${counts[each] ? html`<b>${counts[each]}</b>` : nothing}${each === "solve" && this.atWork
                ? html`<b>${t("panel.at_work")}</b>`
                : nothing}
            </button>`,
        )}
      </div>
      <div class="panel" role="tabpanel">
        ${this.selected === null || this.panel !== "tray"
          ? nothing
          : html`<tk-chosen
              .index=${index}
              .lesson=${this.selected}
              ?fixed=${this.locked}
              @lesson-key=${this.onLessonKey}
            ></tk-chosen>`}
        ${this.renderSolve(index.board)} ${this.renderPanel(index, viewed)}
      </div>`;
  }

  /** Stays while other panels are looked at: a run is followed to its end. */
  private renderSolve(board: Board): TemplateResult | typeof nothing {
    const running = this.editions.find((each) => each.id === board.id)?.job ?? null;
    this.solveOpened ||= this.panel === "solve" || running !== null;
    if (!this.solveOpened || board.state !== "draft") return nothing;
    return html`${keyed(
      board.id,
      html`<tk-solve
        ?hidden=${this.panel !== "solve"}
        .board=${board}
        district=${this.term.district}
        .running=${running}
        @job-began=${() => (this.atWork = true)}
        @job-ended=${() => {
          this.atWork = false;
          this.reopen();
        }}
        @weighed=${this.reopen}
        @show-rule=${(event: CustomEvent<Rule>) => this.showRule(event.detail)}
      ></tk-solve>`,
    )}`;
  }

  private readonly reopen = (): void => void this.attempt(() => this.desk.open(this.edition));

  private renderPanel(index: BoardIndex, viewed: Viewed): TemplateResult | typeof nothing {
    const { board } = index;
    const changed = (): boolean => this.dispatchEvent(new CustomEvent("editions-changed"));
    switch (this.panel) {
      case "tray":
        return html`<tk-tray
          .index=${index}
          .viewed=${viewed}
          ?fixed=${this.locked}
          ?open=${this.carrier.carry.is === "carried" && this.carrier.carry.tray}
          @tray-pressed=${({ detail }: CustomEvent<{ event: PointerEvent; course: string }>) =>
            this.press(detail.event, { course: detail.course, from: null })}
          @tray-lift=${({ detail }: CustomEvent<{ course: string }>) =>
            this.lift({ course: detail.course, from: null })}
        ></tk-tray>`;
      case "solve":
        return board.state === "draft" ? nothing : html`<p>${t("solve.only_drafts")}</p>`;
      case "check":
        return html`<tk-check
          .board=${board}
          @show-lesson=${(event: CustomEvent<Lesson>) => this.show(event.detail)}
        ></tk-check>`;
      case "publish":
        return html`<tk-publish
          .index=${index}
          firstDay=${this.term.first_day}
          lastDay=${this.term.last_day}
          ?hasPublished=${this.editions.some((each) => each.state === "published")}
          @look=${(event: CustomEvent<Viewed>) => this.look(event.detail)}
          @to-check=${() => (this.panel = "check")}
          @published=${() => {
            this.reopen();
            changed();
          }}
        ></tk-publish>`;
      case "repair":
        return html`<tk-repair
          .index=${index}
          .term=${this.term}
          .editions=${this.editions}
          ?atWork=${this.atWork}
          @repaired=${this.reopen}
          @look=${(event: CustomEvent<Viewed>) => this.look(event.detail)}
          @to-check=${() => (this.panel = "check")}
          @open-edition=${({ detail }: CustomEvent<string>) =>
            this.dispatchEvent(new CustomEvent("open-edition", { detail }))}
          @editions-changed=${changed}
          @published=${() => {
            this.reopen();
            changed();
          }}
        ></tk-repair>`;
    }
  }
}
