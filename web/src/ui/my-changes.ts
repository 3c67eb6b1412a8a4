// What changed for the person signed in, in the last fourteen days. Shows nothing to
// somebody whose sign-in link names no teacher and no school.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { say } from "../client/api";
import { isNews, type Note, notesFor, ownChanges } from "../client/changes";
import { dateName, dayName, pick, t } from "../client/i18n";
import { Every } from "../client/watch";
import { panelStyle } from "./panel-style";
import { shared } from "./style";

const REFRESH_MS = 60_000;
const LINES = 4;
const NEWEST = 3;
const NOON = "T12:00:00";

@customElement("tk-my-changes")
export class MyChanges extends LitElement {
  @property() teacher: string | null = null;
  @property() school: string | null = null;
  /** Stays folded: something on the page is more urgent. */
  @property({ type: Boolean }) quiet = false;
  @state() private notes: Note[] | null = null;
  @state() private trouble = "";
  /** Of what a person has unfolded. */
  @state() private whole = new Set<string>();

  static override styles = [
    shared,
    panelStyle,
    css`
      section {
        padding: 4px 20px 10px;
        border: 1px solid var(--edge);
        border-radius: var(--radius);
        background: var(--panel);
      }
      .list li {
        display: grid;
        gap: 2px;
        background: var(--ground);
      }
      .list li.news {
        border-left-color: var(--accent);
      }
      .list button {
        justify-self: start;
      }
    `,
  ];

  constructor() {
    super();
    new Every(this, REFRESH_MS, () => this.refresh());
  }

  private async refresh(): Promise<void> {
    if (this.teacher === null && this.school === null) return;
    try {
      this.notes = await notesFor(this.teacher, this.school);
      this.trouble = "";
    } catch (error) {
      this.trouble = say(error);
    }
  }

  override render(): TemplateResult | typeof nothing {
    const now = Date.now() / 1000;
    if (this.notes === null) {
      return this.trouble === ""
        ? nothing
        : html`<section><p role="alert">${t("mine.unknown")} ${this.trouble}</p></section>`;
    }
    const notes = ownChanges(this.notes, now);
    if (notes.length === 0) return html`<section><p class="soft">${t("mine.nothing")}</p></section>`;
    return html`<section>
      <details id="changes" ?open=${!this.quiet && isNews(notes, now)}>
        <summary>${t("mine.changes", { n: notes.length, day: dateName(notes[0]!.at) })}</summary>
        <ul class="list">
          ${notes.slice(0, NEWEST).map((each) => this.renderNote(each, isNews([each], now)))}
        </ul>
        ${notes.length > NEWEST
          ? html`<details>
              <summary>${t("mine.older", { n: notes.length - NEWEST })}</summary>
              <ul class="list">
                ${notes.slice(NEWEST).map((each) => this.renderNote(each, isNews([each], now)))}
              </ul>
            </details>`
          : nothing}
      </details>
    </section>`;
  }

  private renderNote(note: Note, news: boolean): TemplateResult {
    const from = dayName(Date.parse(note.from_day + NOON) / 1000);
    const shown = this.whole.has(note.id) ? note.lessons : note.lessons.slice(0, LINES);
    const left = note.lessons.length - shown.length;
    return html`<li class=${news ? "news" : ""}>
      <strong>${note.repair === null ? t("mine.new_week", { day: from }) : t("mine.repair")}</strong>
      ${shown.map((each) => html`<span>${pick(each)}</span>`)}
      ${left === 0
        ? nothing
        : html`<button @click=${() => (this.whole = new Set([...this.whole, note.id]))}>
            ${t("mine.more", { n: left })}
          </button>`}
      <small class="soft">${t("mine.told", { day: dateName(note.at) })}</small>
    </li>`;
  }
}
