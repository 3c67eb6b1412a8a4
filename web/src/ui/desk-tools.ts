// Back and forth through the changes of a draft, and whose bells the week is seen by.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Board } from "../client/board";
import type { Term } from "../client/editions";
import { pick, t } from "../client/i18n";
import { weeksOf } from "../client/term-days";
import { icon } from "./icons";
import { shared } from "./style";

@customElement("tk-desk-tools")
export class DeskTools extends LitElement {
  @property({ attribute: false }) board!: Board;
  @property({ attribute: false }) term!: Term;
  @property({ type: Boolean }) fixed = false;
  /** Which of the two was pressed last, until what it did is shown. */
  private pressed: "" | "undo" | "redo" = "";

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex: 1 1 24rem;
        gap: 8px;
        align-items: center;
        min-width: 0;
      }
      button {
        flex: none;
        padding: 0 0.8em;
      }
      .last {
        flex: 1;
        min-width: 0;
        font-size: 0.85rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (max-width: 640px) {
        .last {
          display: none;
        }
        select {
          flex: 1 1 0;
          min-width: 0;
          padding: 0 0.3em;
          font-size: 0.88rem;
        }
      }
    `,
  ];

  /** A button that went dim loses the keyboard: the one beside it takes it over. */
  protected override updated(): void {
    const { pressed } = this;
    this.pressed = "";
    const dim = pressed !== "" && this.renderRoot.querySelector(`#${pressed}:disabled`) !== null;
    if (dim) this.renderRoot.querySelector<HTMLElement>("button:enabled")?.focus();
  }

  private back(way: "undo" | "redo"): void {
    this.pressed = way;
    this.emit("back", way);
  }

  private emit(name: "back" | "ring", detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  override render(): TemplateResult {
    return html`${this.fixed ? nothing : this.renderBacks(this.board)} ${this.renderBells(this.board)}`;
  }

  private renderBacks(board: Board): TemplateResult {
    const last = board.can_undo ? pick({ zh: board.undo_zh, en: board.undo_en }) : "";
    return html`<button
        id="undo"
        ?disabled=${!board.can_undo}
        title=${`${last} (Ctrl+Z)`}
        @click=${() => this.back("undo")}
      >
        ${icon("undo")}${t("desk.undo")}
      </button>
      <button id="redo" ?disabled=${!board.can_redo} title="Ctrl+Shift+Z" @click=${() => this.back("redo")}>
        ${icon("redo")}${t("desk.redo")}
      </button>
      <span class="soft last">${last === "" ? "" : t("desk.last", { what: last })}</span>`;
  }

  private renderBells({ week: shown }: Board): TemplateResult {
    const weeks = weeksOf(this.term).map((days) => days[0]!.week);
    return html`<select
      id="bells"
      aria-label=${t("bells.label")}
      title=${t("bells.label")}
      @change=${(event: Event) => this.emit("ring", Number((event.currentTarget as HTMLSelectElement).value))}
    >
      ${weeks
        .filter((week) => week >= 1)
        .map(
          (week) => html`<option value=${week} ?selected=${week === shown}>${t("bells.week", { n: week })}</option>`,
        )}
    </select>`;
  }
}
