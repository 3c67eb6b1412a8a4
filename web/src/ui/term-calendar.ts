// The calendar of a term: weeks by number, holidays, and make-up days that say whose
// lessons they run.

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { call, say } from "../client/api";
import type { LeftOut } from "../client/board";
import type { Term } from "../client/editions";
import { lang, pick, t, weekdayName, word } from "../client/i18n";
import {
  byDay,
  type CalendarDay,
  calendarDays,
  calendarWarnings,
  type District,
  kin,
  type OfficialDay,
  type OfficialDays,
  officialDays,
  putDay,
  removeDay,
  rowOf,
  type TermDay,
  weeksOf,
} from "../client/term-days";
import { dialogStyle } from "./dialogs";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./wait";

interface School {
  id: string;
  name: string;
}

@customElement("tk-term-calendar")
export class TermCalendar extends LitElement {
  @property({ attribute: false }) term!: Term;
  @property({ type: Boolean }) fixed = false;
  @state() private days: CalendarDay[] | null = null;
  @state() private districts: District[] = [];
  @state() private schools: School[] = [];
  @state() private warnings: LeftOut[] = [];
  @state() private official: OfficialDays | null = null;
  @state() private trouble = "";
  /** The row that is written in the dialog. */
  @state() private row: CalendarDay | null = null;
  @query("dialog") private dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    panelStyle,
    dialogStyle,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
        background: var(--panel);
      }
      th,
      td {
        border: 1px solid var(--edge);
        padding: 0;
        vertical-align: top;
        text-align: left;
      }
      thead th {
        padding: 6px 10px;
      }
      tbody th {
        width: 7rem;
        padding: 8px 10px;
        font-weight: 500;
      }
      thead th:first-child {
        width: 7rem;
      }
      td button {
        display: grid;
        justify-content: start;
        justify-items: start;
        align-content: start;
        gap: 2px;
        width: 100%;
        min-height: 62px;
        padding: 6px 8px;
        border: none;
        border-radius: 0;
        background: none;
        text-align: left;
        font-size: 0.88rem;
      }
      td button:hover:not(:disabled) {
        background: color-mix(in srgb, var(--accent) 9%, var(--panel));
      }
      td button:disabled {
        opacity: 1;
      }
      .outside {
        color: var(--text-soft);
        background: color-mix(in srgb, var(--text) 4%, var(--panel));
      }
      .weekend {
        background: color-mix(in srgb, var(--text) 3%, var(--panel));
      }
      .holiday {
        background: #e2f1e6;
      }
      .make_up {
        background: #fdebc4;
      }
      .day {
        font-variant-numeric: tabular-nums;
        font-weight: 650;
      }
      .what {
        overflow-wrap: anywhere;
        line-height: 1.25;
      }
      .scroll {
        overflow-x: auto;
      }
      .official {
        display: grid;
        gap: 10px;
      }
      @media (max-width: 1000px) {
        table {
          min-width: 46rem;
        }
      }
    `,
  ];

  protected override willUpdate(was: PropertyValues<this>): void {
    if (was.has("term")) void this.look();
  }

  private async look(): Promise<void> {
    try {
      [this.days, this.districts, this.schools, this.warnings] = await Promise.all([
        calendarDays(),
        call<District[]>("GET", "/api/v1/districts"),
        call<School[]>("GET", "/api/v1/schools"),
        calendarWarnings(this.term.id),
      ]);
      this.trouble = "";
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private async attempt(deed: () => Promise<unknown>): Promise<void> {
    try {
      await deed();
      this.dialog.close();
      await this.look();
      if (this.official !== null) this.official = await officialDays(this.term.id);
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private lookUp(): void {
    void this.attempt(async () => {
      this.official = await officialDays(this.term.id);
    });
  }

  /** Holidays need no decision; make-up days are gone through one by one. */
  private addHolidays(days: OfficialDay[]): void {
    void this.attempt(async () => {
      for (const each of days) await putDay(rowOf(each));
    });
  }

  private open(row: CalendarDay): void {
    this.trouble = "";
    this.row = row;
    void this.updateComplete.then(() => this.dialog.showModal());
  }

  private edit(day: TermDay, there: CalendarDay | undefined): void {
    this.open(there ?? {
      district: this.term.district,
      day: day.day,
      kind: day.weekday > 5 ? "make_up" : "holiday",
      school: null,
      runs_week: day.week,
      runs_weekday: Math.min(5, day.weekday),
      name: "",
    });
  }

  private save(event: Event): void {
    event.preventDefault();
    const { row } = this;
    if (row === null) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const makesUp = row.kind === "make_up";
    void this.attempt(() =>
      putDay({
        ...row,
        school: String(form.get("school") ?? "") || null,
        runs_week: makesUp ? Number(form.get("week")) : null,
        runs_weekday: makesUp ? Number(form.get("weekday")) : null,
        name: String(form.get("name") ?? "").trim(),
      }),
    );
  }

  override render(): TemplateResult {
    return html`<p class="soft">${t("calendar.hint")}</p>
      ${this.fixed
        ? nothing
        : html`<div class="deeds">
            <button id="official" @click=${this.lookUp}>${icon("search")}${t("official.look")}</button>
          </div>`}
      ${this.official === null ? nothing : this.renderOfficial(this.official)}
      ${this.warnings.map((each) => html`<p class="note warn" role="status">${icon("warn")} ${pick(each)}</p>`)}
      ${this.trouble === ""
        ? nothing
        : html`<p class="note bad" role="alert">${this.trouble}</p>
            <p><button @click=${() => void this.look()}>${t("wait.again")}</button></p>`}
      ${this.days === null
        ? this.trouble === ""
          ? html`<tk-wait message=${t("calendar.looking")} @again=${() => void this.look()}></tk-wait>`
          : nothing
        : this.renderTable(byDay(this.days, kin(this.districts, this.term.district)))}
      <dialog aria-labelledby="heading">${this.row === null ? nothing : this.renderForm(this.row)}</dialog>`;
  }

  private renderOfficial({ days }: OfficialDays): TemplateResult {
    const missing = days.filter((each) => !each.entered);
    const holidays = missing.filter((each) => each.kind === "holiday");
    const makeUps = missing.filter((each) => each.kind === "make_up");
    return html`<section class="official">
      ${missing.length === 0 ? html`<p class="note good">${icon("check")} ${t("official.all")}</p>` : nothing}
      ${holidays.length === 0
        ? nothing
        : html`<p>${t("official.holidays", { days: holidays.map((each) => `${each.day} ${each.name}`).join(t("list.and")) })}</p>
            <div class="deeds">
              <button id="add-holidays" @click=${() => this.addHolidays(holidays)}>
                ${icon("plus")}${t("official.add", { n: holidays.length })}
              </button>
            </div>`}
      ${makeUps.map(
        (each) =>
          html`<p class="note warn">
            <strong>${each.day} ${each.name}</strong> ${each.suggestion === null ? "" : pick(each.suggestion)}
            <button @click=${() => this.open(rowOf(each))}>${t("official.fill")}</button>
          </p>`,
      )}
    </section>`;
  }

  private renderTable(special: Map<string, CalendarDay[]>): TemplateResult {
    return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th></th>
            ${[1, 2, 3, 4, 5, 6, 7].map((each) => html`<th>${weekdayName(each)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${weeksOf(this.term).map(
            (days) =>
              html`<tr>
                <th>${weekTitle(days[0]!.week)}</th>
                ${days.map((day) => this.renderDay(day, special.get(day.day) ?? []))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private renderDay(day: TermDay, special: CalendarDay[]): TemplateResult {
    const [first] = special;
    const looks = first?.kind ?? (day.inTerm ? (day.weekday > 5 ? "weekend" : "") : "outside");
    return html`<td class=${looks}>
      <button ?disabled=${this.fixed || !day.inTerm} data-day=${day.day} @click=${() => this.edit(day, first)}>
        <span class="day">${shortDay.format(Date.parse(day.day))}</span>
        ${special.map((each) => html`<span class="what">${this.sayDay(each)}</span>`)}
      </button>
    </td>`;
  }

  private sayDay(day: CalendarDay): string {
    const among = day.school === null ? this.districts : this.schools;
    const whose = among.find((each) => each.id === (day.school ?? day.district))?.name ?? "";
    const what =
      day.kind === "holiday"
        ? t("calendar.is_holiday", { name: day.name })
        : t("calendar.is_make_up", {
            week: day.runs_week ?? "",
            weekday: weekdayName(day.runs_weekday ?? 1),
            name: day.name,
          });
    return day.school === null && day.district === this.term.district ? what : `${whose}: ${what}`;
  }

  private renderForm(row: CalendarDay): TemplateResult {
    const known = this.days?.includes(row) ?? false;
    const choose = (kind: CalendarDay["kind"]) => (): void => {
      this.row = { ...row, kind, runs_week: row.runs_week ?? 1, runs_weekday: row.runs_weekday ?? 1 };
    };
    return html`<form @submit=${this.save}>
      <h2 id="heading">${row.day}</h2>
      <fieldset>
        ${(["holiday", "make_up"] as const).map(
          (kind) =>
            html`<label class="choice"
              ><input type="radio" name="kind" .checked=${row.kind === kind} @change=${choose(kind)} />${word("day", kind)}</label
            >`,
        )}
      </fieldset>
      ${row.kind === "holiday" ? nothing : this.renderRuns(row)}
      <label class="field"
        >${t("calendar.name")}<input name="name" maxlength="80" .value=${row.name}
      /></label>
      <label class="field"
        >${t("calendar.whom")}
        <select name="school">
          <option value="">${t("calendar.everybody")}</option>
          ${this.schools.map(
            (each) => html`<option value=${each.id} ?selected=${each.id === row.school}>${each.name}</option>`,
          )}
        </select></label
      >
      ${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
      <div class="row">
        ${known
          ? html`<button type="button" class="danger" id="clear" @click=${() => void this.attempt(() => removeDay(row))}>
              ${t("calendar.clear")}
            </button>`
          : nothing}
        <button type="button" @click=${() => this.dialog.close()}>${t("edition.no")}</button>
        <button class="primary" id="save">${t("correct.save")}</button>
      </div>
    </form>`;
  }

  /** Notices of holidays never say whose lessons a make-up day runs: people do. */
  private renderRuns(row: CalendarDay): TemplateResult {
    const weeks = weeksOf(this.term).map((days) => days[0]!.week).filter((week) => week >= 1);
    return html`<p class="soft">${t("calendar.runs_hint")}</p>
      <label class="field"
        >${t("calendar.runs_week")}
        <select name="week">
          ${weeks.map(
            (week) => html`<option value=${week} ?selected=${week === row.runs_week}>${weekTitle(week)}</option>`,
          )}
        </select></label
      >
      <label class="field"
        >${t("calendar.runs_weekday")}
        <select name="weekday">
          ${[1, 2, 3, 4, 5, 6, 7].map(
            (each) =>
              html`<option value=${each} ?selected=${each === row.runs_weekday}>${weekdayName(each)}</option>`,
          )}
        </select></label
      >`;
  }
}

/** 9/1 may be two days in English. */
const shortDay = new Intl.DateTimeFormat(lang, {
  month: lang === "en" ? "short" : "numeric",
  day: "numeric",
  timeZone: "UTC",
});

const weekTitle = (week: number): string =>
  week < 1
    ? t("calendar.before")
    : t(week % 2 === 1 ? "calendar.odd_week" : "calendar.even_week", { n: week });
