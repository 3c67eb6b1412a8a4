// Lessons that have no place yet, to be dragged into the week; and the one lesson a
// person has chosen, with everything that can be done to it.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { BoardIndex, Placed, Unplaced, Viewed } from "../client/board";
import { pick, t, weekdayName, word } from "../client/i18n";
import { spanOf } from "../client/weekgrid";
import { icon } from "./icons";
import { shared } from "./style";

const MOST = 60;

@customElement("tk-tray")
export class Tray extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  @property({ attribute: false }) viewed!: Viewed;
  @property({ type: Boolean }) fixed = false;
  /** A lesson is held over it. */
  @property({ type: Boolean, reflect: true }) open = false;
  @state() private all = false;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 12px;
        align-content: start;
        border-radius: var(--radius);
      }
      :host([open]) {
        outline: 3px dashed var(--accent);
        outline-offset: 6px;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
        justify-content: space-between;
      }
      .tap {
        display: none;
      }
      @media (hover: none) {
        .keys {
          display: none;
        }
        .tap {
          display: inline;
        }
      }
      ul {
        display: grid;
        gap: 8px;
      }
      .one {
        display: block;
        width: 100%;
        text-align: left;
        padding: 8px 12px;
        border: 1.5px dashed var(--accent);
        border-left: 5px solid var(--accent);
        border-radius: 8px;
        background: var(--panel);
        line-height: 1.3;
        cursor: grab;
        user-select: none;
        -webkit-user-select: none;
        touch-action: manipulation;
      }
      .one strong {
        display: block;
      }
      small {
        color: var(--text-soft);
      }
    `,
  ];

  private get shown(): Unplaced[] {
    return this.index.tray(this.all ? null : this.viewed);
  }

  override render(): TemplateResult {
    const here = this.index.tray(this.viewed).length;
    const everywhere = this.index.tray(null).length;
    const { shown } = this;
    return html`<div class="row">
        <h2>${t("tray.title")}</h2>
        ${everywhere > here || this.all
          ? html`<button @click=${() => (this.all = !this.all)}>
              ${this.all ? t("tray.only_here") : t("tray.everywhere", { n: everywhere })}
            </button>`
          : nothing}
      </div>
      ${shown.length === 0
        ? html`<p class="soft">${t(everywhere > 0 ? "tray.empty_here" : this.fixed ? "tray.empty" : "tray.empty_next")}</p>`
        : html`<p class="soft">${this.fixed
            ? t("tray.fixed")
            : html`<span class="keys">${t("tray.hint")}</span><span class="tap">${t("tray.hint_tap")}</span>`}</p>`}
      <ul>
        ${shown.slice(0, MOST).map((each) => html`<li>${this.renderOne(each)}</li>`)}
      </ul>
      ${shown.length > MOST ? html`<p class="soft">${t("cell.more", { n: shown.length - MOST })}</p>` : nothing}`;
  }

  private renderOne({ course: id, missing }: Unplaced): TemplateResult {
    const course = this.index.courses.get(id);
    if (course === undefined) return html``;
    const tell = (name: string, event: Event): void => {
      this.dispatchEvent(new CustomEvent(name, { detail: { event, course: id } }));
    };
    return html`<div
      class="one"
      role="button"
      tabindex="0"
      data-course=${id}
      aria-disabled=${this.fixed}
      @contextmenu=${(event: Event) => event.preventDefault()}
      @pointerdown=${(event: PointerEvent) => event.button === 0 && tell("tray-pressed", event)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        tell("tray-lift", event);
      }}
    >
      <strong>${course.name} · ${t("tray.missing", { n: missing })}</strong>
      <small>
        ${this.index.teachers.get(course.teacher)?.name} · ${t("tray.minutes", { n: course.minutes })}<br />
        ${this.index.placesOf(course, null)}
      </small>
    </div>`;
  }
}

@customElement("tk-chosen")
export class Chosen extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  @property({ attribute: false }) lesson!: Placed;
  @property({ type: Boolean }) fixed = false;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 10px;
        padding: 14px 16px;
        border: 2px solid var(--accent);
        border-radius: var(--radius);
        background: var(--panel);
      }
      .deeds {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .deeds button {
        padding: 0 0.8em;
      }
      .row {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        align-items: start;
      }
      .shut {
        padding: 0;
        border-color: transparent;
        background: none;
      }
      .bad {
        color: var(--bad);
      }
      .keys {
        font-size: 0.82rem;
      }
      @media (hover: none) {
        .keys {
          display: none;
        }
      }
    `,
  ];

  private deed(deed: string): void {
    const detail = { deed, lesson: this.lesson };
    this.dispatchEvent(new CustomEvent("lesson-key", { detail, bubbles: true, composed: true }));
  }

  override render(): TemplateResult {
    const { index, lesson } = this;
    const course = index.courses.get(lesson.course);
    if (course === undefined) return html``;
    const troubles = index.troublesOf(lesson);
    return html`<div class="row">
        <h2>${course.name}</h2>
        <button class="shut" aria-label=${t("help.close")} @click=${() => this.deed("unselect")}>
          ${icon("cross")}
        </button>
      </div>
      <p>
        <strong>${weekdayName(lesson.weekday)} ${spanOf(lesson)}</strong> ·
        ${index.teachers.get(course.teacher)?.name}
      </p>
      <p class="soft">${index.placesOf(course, null)}</p>
      <p class="soft">
        ${t("chosen.origin", { how: word("origin", lesson.origin) })} ·
        ${lesson.locked ? t("chosen.locked") : t("chosen.not_locked")} ·
        ${t("chosen.cost", { n: lesson.cost })}
      </p>
      ${troubles.map((each) => html`<p class="bad">${icon("warn")} ${pick(each)}</p>`)}
      ${this.fixed
        ? nothing
        : html`<div class="deeds">
            <button class="primary" @click=${() => this.deed("lift")}>${icon("move")}${t("chosen.move")}</button>
            <button @click=${() => this.deed("lock")}>
              ${icon(lesson.locked ? "unlock" : "lock")}${t(lesson.locked ? "chosen.unlock" : "chosen.lock")}
            </button>
            <button @click=${() => this.deed("remove")}>${icon("tray")}${t("chosen.remove")}</button>
          </div>
          <p class="soft keys">${t("chosen.keys")}</p>`}`;
  }
}
