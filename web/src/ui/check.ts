// What is wrong, what was left out, and how full teachers, rooms and lines are.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { Board, Spot, Trouble } from "../client/board";
import { type Check, checkOf, type Load, loadOf } from "../client/editions";
import { pick, t, weekdayName } from "../client/i18n";
import { clockOf } from "../client/weekgrid";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./wait";

const MOST = 40;

@customElement("tk-check")
export class CheckPanel extends LitElement {
  @property({ attribute: false }) board!: Board;
  @state() private check: Check | null = null;
  @state() private loads: Load[] | null = null;
  @state() private trouble = "";

  static override styles = [shared, panelStyle];

  protected override willUpdate(was: PropertyValues<this>): void {
    if (was.has("board")) void this.look();
  }

  private async look(): Promise<void> {
    const { id, revision, term } = this.board;
    try {
      const check = await checkOf(id);
      if (this.board.id !== id || this.board.revision !== revision) return;
      this.check = check;
      this.loads ??= (await loadOf(term)).rows;
      this.trouble = "";
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private show(lesson: Spot): void {
    this.dispatchEvent(new CustomEvent<Spot>("show-lesson", { detail: lesson }));
  }

  override render(): TemplateResult {
    return html`<h2>${t("check.title")}</h2>
      ${this.trouble === ""
        ? nothing
        : html`<p class="note bad" role="alert">${this.trouble}</p>
            <p><button @click=${() => void this.look()}>${t("wait.again")}</button></p>`}
      ${this.check === null
        ? this.trouble === ""
          ? html`<tk-wait message=${t("check.looking")} @again=${() => void this.look()}></tk-wait>`
          : nothing
        : this.renderCheck(this.check)}
      ${this.loads === null ? nothing : this.renderLoads(this.loads)}`;
  }

  private renderCheck({ problems, unplaced, warnings }: Check): TemplateResult {
    const missing = unplaced.reduce((sum, each) => sum + each.missing, 0);
    const fine = problems.length === 0 && missing === 0;
    return html`${fine
        ? html`<p class="note good">${icon("check")} ${t("check.fine")}</p>`
        : html`<p>${t("check.sum", { problems: problems.length, missing })}</p>
            ${this.board.editable && problems.length > 0 ? html`<p class="soft">${t("check.next_problems")}</p>` : nothing}
            ${this.board.editable && missing > 0 ? html`<p class="soft">${t("check.next_missing")}</p>` : nothing}`}
      <ul class="list" id="problems">
        ${problems.slice(0, MOST).map((each) => this.renderTrouble(each))}
        ${problems.length > MOST ? html`<li>${t("cell.more", { n: problems.length - MOST })}</li>` : nothing}
      </ul>
      ${warnings.length === 0
        ? nothing
        : html`<h3>${t("check.warnings")}</h3>
            <ul class="list">
              ${warnings.slice(0, MOST).map((each) => html`<li class="warn">${pick(each)}</li>`)}
            </ul>`}`;
  }

  private renderTrouble(trouble: Trouble): TemplateResult {
    return html`<li class="bad">
      ${icon("warn")} ${pick(trouble)}
      ${trouble.lessons.slice(0, 2).map(
        (each) =>
          html`<div>
            <button @click=${() => this.show(each)}>
              ${t("check.show", {
                when: `${weekdayName(each.weekday)} ${clockOf(each.start)}`,
                name: this.board.courses.find(({ id }) => id === each.course)?.name ?? "",
              })}
            </button>
          </div>`,
      )}
    </li>`;
  }

  private renderLoads(loads: Load[]): TemplateResult {
    return html`<details>
      <summary>${t("load.title")}</summary>
      <p class="soft">${t("load.hint")}</p>
      <ul class="list">
        ${loads.slice(0, MOST).map(
          (each) => html`<li class=${fullness(each)}>${pick(each)}</li>`,
        )}
      </ul>
    </details>`;
  }
}

/** Above its time something cannot fit; near it, it is hard to place. */
function fullness({ ratio }: Load): string {
  if (ratio === null || ratio > 1) return "bad";
  return ratio > 0.85 ? "warn" : "";
}
