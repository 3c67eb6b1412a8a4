// Somebody is away or something is closed, on certain days or every week from now on:
// what moves is shown before anybody agrees.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { BoardIndex, Viewed } from "../client/board";
import type { Edition, Term } from "../client/editions";
import { t, weekdayName } from "../client/i18n";
import { beginLasting, type ClosedTime, editionOf, endLasting, lastingOf, whoOf } from "../client/lasting";
import { type Agreed, agree, type Choice, dropRepair, minuteOf, type Proposal, propose, WHAT } from "../client/repairs";
import "./absences";
import "./date-field";
import { icon } from "./icons";
import { lastingName } from "./lasting";
import "./lasting";
import { panelStyle } from "./panel-style";
import "./proposal";
import { isoDay } from "./publish";
import { shared } from "./style";
import "./time-field";
import "./who";

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
/** Some days; the same weekdays from one day to another; every week from a day on. */
const SCOPES = {
  dates: "repair.scope_dates",
  span: "repair.scope_span",
  week: "repair.scope_week",
} as const;
type Scope = keyof typeof SCOPES;

@customElement("tk-repair")
export class Repair extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  @property({ attribute: false }) term!: Term;
  @property({ attribute: false }) editions: Edition[] = [];
  /** The solver works on the edition shown. */
  @property({ type: Boolean }) atWork = false;
  @state() private who: Viewed | null = null;
  @state() private scope: Scope = "dates";
  @state() private proposal: Proposal | null = null;
  @state() private agreed: Agreed | null = null;
  @state() private closed: ClosedTime[] = [];
  /** Published a moment ago: what it did is still to be read. */
  @state() private published = "";
  @state() private trouble = "";
  @state() private busy = false;
  @query("#agreed") private done!: HTMLElement | null;
  @query("[role=alert]") private alert!: HTMLElement | null;

  static override styles = [
    shared,
    panelStyle,
    css`
      .pair {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 10px;
      }
      .pair input,
      input[name="reason"] {
        width: 100%;
        min-width: 0;
      }
      .pair input {
        padding: 0 0.5em;
      }
      .days {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
      }
      .days label.choice {
        grid-template-columns: 24px auto;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.attempt(() => this.listLasting());
  }

  /** The button that was pressed is gone, or the long form is in between: eyes and
   * keyboard go to what came of it. */
  protected override updated(was: Map<string, unknown>): void {
    if (was.has("agreed")) this.done?.focus();
    if (was.has("trouble")) this.alert?.scrollIntoView({ block: "nearest" });
  }

  private async listLasting(): Promise<void> {
    this.closed = await lastingOf(this.term.id);
  }

  private async attempt(deed: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      await deed();
    } catch (error) {
      this.trouble = say(error);
    } finally {
      this.busy = false;
    }
  }

  private get viewed(): Viewed {
    return this.who ?? { side: "teacher", id: this.index.all("teacher")[0]?.id ?? "" };
  }

  private nameOf({ side, id }: Viewed): string {
    return this.index.all(side).find((each) => each.id === id)?.name ?? id;
  }

  private ask(event: Event): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    this.agreed = null;
    const [start, end] = ["start", "end"].map((name) => minuteOf(String(form.get(name) ?? "")));
    if ((start === null) !== (end === null) || (start != null && end != null && end <= start)) {
      this.trouble = t("repair.bad_hours");
      return;
    }
    void this.attempt(() => (this.scope === "week" ? this.askLasting(form) : this.askDates(form)));
  }

  private async askDates(form: FormData): Promise<void> {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const weekdays = form.getAll("weekday").map(Number);
    this.proposal = await propose(this.term.id, {
      what: WHAT[this.viewed.side],
      id: this.viewed.id,
      first_day: text("first"),
      last_day: text("last") || text("first"),
      weekdays: weekdays.length === 0 ? WEEKDAYS : weekdays,
      start_minute: minuteOf(text("start")),
      end_minute: minuteOf(text("end")),
      reason: text("reason"),
    });
  }

  private async askLasting(form: FormData): Promise<void> {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const published = this.editions.find((each) => each.state === "published");
    const who = this.nameOf(this.viewed);
    const weekdays = form.getAll("weekday").map(Number);
    if (published === undefined || weekdays.length === 0) {
      this.trouble = t(published === undefined ? "repair.nothing_published" : "repair.which_weekdays");
      return;
    }
    const draft = await beginLasting(this.term, published, t("repair.draft_name", { who }), {
      who: this.viewed,
      first: text("first"),
      weekdays,
      start: minuteOf(text("start")),
      end: minuteOf(text("end")),
      title: text("reason") || t("repair.lasting_title"),
    });
    this.dispatchEvent(new CustomEvent<string>("open-edition", { detail: draft.id }));
  }

  private agree({ detail }: CustomEvent<Choice[]>, { id }: Proposal): void {
    void this.attempt(async () => {
      this.agreed = await agree(id, detail);
      this.proposal = null;
      this.dispatchEvent(new CustomEvent("repaired"));
    });
  }

  private drop({ id }: Proposal): void {
    void this.attempt(async () => {
      await dropRepair(id);
      this.proposal = null;
    });
  }

  private end(closed: ClosedTime): void {
    void this.attempt(async () => {
      await endLasting(closed);
      await this.listLasting();
      this.dispatchEvent(new CustomEvent("repaired"));
    });
  }

  override render(): TemplateResult {
    const { board } = this.index;
    const mine = this.closed.find((each) => editionOf(each) === board.id);
    const open = board.state === "draft" || this.published === board.id;
    return html`<h2>${t("repair.title")}</h2>
      ${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
      ${this.agreed === null ? nothing : this.renderAgreed(this.agreed)}
      ${this.proposal !== null
        ? this.renderProposal(this.proposal)
        : mine !== undefined && open
          ? this.renderLasting(mine)
          : this.renderForm()}`;
  }

  private renderForm(): TemplateResult {
    const today = isoDay(new Date());
    const first = today < this.term.first_day ? this.term.first_day : today;
    const day = { min: this.term.first_day, max: this.term.last_day };
    return html`<p class="soft">${t("repair.hint")}</p>
      <tk-absences
        term=${this.term.id}
        @go-on=${({ detail }: CustomEvent<Proposal>) => (this.proposal = detail)}
        @repaired=${() => {
          this.agreed = null;
          this.dispatchEvent(new CustomEvent("repaired"));
        }}
      ></tk-absences>
      <form @submit=${this.ask}>
        <fieldset>
          <legend>${t("repair.who")}</legend>
          <tk-who
            every
            .index=${this.index}
            .viewed=${this.viewed}
            @look=${(event: CustomEvent<Viewed>) => (this.who = event.detail)}
          ></tk-who>
        </fieldset>
        <fieldset>
          <legend>${t("repair.scope")}</legend>
          ${(Object.keys(SCOPES) as Scope[]).map((each) => this.renderScope(each))}
        </fieldset>
        <div class="pair">
          <label class="field"
            >${t("repair.first")}<tk-date name="first" required min=${day.min} max=${day.max} value=${first}></tk-date
          ></label>
          ${this.scope === "week"
            ? nothing
            : html`<label class="field"
                >${t(this.scope === "span" ? "repair.last_of_span" : "repair.last")}<tk-date
                  name="last"
                  ?required=${this.scope === "span"}
                  min=${day.min}
                  max=${day.max}
                ></tk-date
              ></label>`}
        </div>
        ${this.scope === "dates" ? nothing : this.renderWeekdays()}
        <div class="pair">
          <label class="field">${t("repair.start")}<tk-time name="start"></tk-time></label>
          <label class="field">${t("repair.end")}<tk-time name="end"></tk-time></label>
        </div>
        <label class="field"
          >${t(this.scope === "week" ? "repair.title_of_lasting" : "repair.reason")}<input name="reason" maxlength="80"
        /></label>
        <div class="deeds">
          <button class="primary" id="propose" ?disabled=${this.busy}>
            ${t(this.busy ? "repair.looking" : "repair.propose")}
          </button>
        </div>
      </form>
      ${this.scope === "week" ? this.renderEntered() : nothing}`;
  }

  private renderScope(scope: Scope): TemplateResult {
    return html`<label class="choice"
      ><input
        type="radio"
        name="scope"
        value=${scope}
        .checked=${this.scope === scope}
        @change=${() => (this.scope = scope)}
      /><span>${t(SCOPES[scope])}</span></label
    >`;
  }

  private renderWeekdays(): TemplateResult {
    return html`<fieldset>
      <legend>${t(this.scope === "span" ? "repair.weekdays_or_all" : "repair.weekdays")}</legend>
      <div class="days">
        ${WEEKDAYS.map(
          (each) =>
            html`<label class="choice"
              ><input type="checkbox" name="weekday" value=${each} />${weekdayName(each)}</label
            >`,
        )}
      </div>
    </fieldset>`;
  }

  /** What was entered so before: in force, or left behind by a draft that is gone. */
  private renderEntered(): TemplateResult | typeof nothing {
    if (this.closed.length === 0) return nothing;
    return html`<h3>${t("repair.entered", { n: this.closed.length })}</h3>
      <ul class="list" id="entered">
        ${this.closed.map((each) => this.renderOne(each))}
      </ul>`;
  }

  private renderOne(closed: ClosedTime): TemplateResult {
    const draft = this.editions.find((each) => each.id === editionOf(closed) && each.state === "draft");
    return html`<li>
      ${lastingName(closed, this.nameOf(whoOf(closed)))}
      <div>
        ${draft === undefined
          ? html`<button ?disabled=${this.busy} @click=${() => this.end(closed)}>${t("repair.end_it")}</button>`
          : html`<button @click=${() => this.dispatchEvent(new CustomEvent("open-edition", { detail: draft.id }))}>
              ${t("repair.to_draft")}
            </button>`}
      </div>
    </li>`;
  }

  private renderLasting(closed: ClosedTime): TemplateResult {
    return html`<tk-lasting
        .index=${this.index}
        .term=${this.term}
        .closed=${closed}
        who=${this.nameOf(whoOf(closed))}
        ?atWork=${this.atWork}
        @published=${() => {
          this.published = this.index.board.id;
          this.dispatchEvent(new CustomEvent("published"));
        }}
        @to-check=${() => this.dispatchEvent(new CustomEvent("to-check"))}
        @look=${({ detail }: CustomEvent<Viewed>) => this.dispatchEvent(new CustomEvent("look", { detail }))}
        @put-aside=${() => this.dispatchEvent(new CustomEvent("editions-changed"))}
      ></tk-lasting>
      ${this.published === ""
        ? nothing
        : html`<div class="deeds"><button id="read" @click=${() => (this.published = "")}>${t("notice.ok")}</button></div>`}`;
  }

  private renderProposal(proposal: Proposal): TemplateResult {
    return html`<tk-proposal
      .proposal=${proposal}
      ?busy=${this.busy}
      @agree=${(event: CustomEvent<Choice[]>) => this.agree(event, proposal)}
      @drop=${() => this.drop(proposal)}
    ></tk-proposal>`;
  }

  private renderAgreed({ moved, substituted, cancelled, left }: Agreed): TemplateResult {
    return html`<p class="note good" id="agreed" role="status" tabindex="-1">
      ${icon("check")}
      ${t("repair.done", {
        moved: moved.length,
        substituted: substituted.length,
        cancelled: cancelled.length,
        left: left.length,
      })}
    </p>`;
  }
}
