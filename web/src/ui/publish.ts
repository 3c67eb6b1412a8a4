// From a draft to the timetable that runs: what differs, whom it concerns, from which
// day, and what it did.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { Board, BoardIndex, Viewed } from "../client/board";
import {
  compareWith,
  type Comparison,
  type Concern,
  type Difference,
  publish,
  type Published,
} from "../client/editions";
import { pick, t } from "../client/i18n";
import { isSame, renderDifferences, renderSums } from "./comparison";
import "./date-field";
import type { DateField } from "./date-field";
import "./dialogs";
import type { Confirm } from "./dialogs";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./wait";

const MOST = 100;
const MOST_EACH = 6;
const DAY_MS = 86_400_000;

/** The ISO date of a local day. */
export const isoDay = (at: Date): string =>
  new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

@customElement("tk-publish")
export class Publish extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  /** Of the term: nothing is published before it begins or after it ends. */
  @property() firstDay = "";
  @property() lastDay = "";
  /** The day that a person has in mind already; offered first if it is still to come. */
  @property() wishedDay = "";
  /** There is one to compare with. */
  @property({ type: Boolean }) hasPublished = false;
  @state() private comparison: Comparison | null = null;
  @state() private fromDay = "";
  @state() private accepts = false;
  @state() private done: Published | null = null;
  @state() private trouble = "";
  @state() private busy = false;
  @query("tk-confirm") private confirm!: Confirm;
  @query("#published") private result!: HTMLElement | null;

  static override styles = [shared, panelStyle];

  private get board(): Board {
    return this.index.board;
  }

  protected override willUpdate(was: PropertyValues<this>): void {
    if (this.fromDay === "") {
      const tomorrow = isoDay(new Date(Date.now() + DAY_MS));
      this.fromDay = [tomorrow, this.firstDay, this.wishedDay].sort().at(-1)!;
    }
    const before = was.get("index");
    if (!was.has("index")) return;
    if (before !== undefined && before.board.id !== this.board.id) this.done = null;
    void this.look();
  }

  private async look(): Promise<void> {
    this.trouble = "";
    if (!this.hasPublished || this.board.state === "published") return;
    const { id, revision } = this.board;
    try {
      const comparison = await compareWith(id, "published");
      if (this.board.id === id && this.board.revision === revision) this.comparison = comparison;
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private async publish(): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      const order = { revision: this.board.revision, from_day: this.fromDay, accept_unplaced: this.accepts };
      this.done = await publish(this.board.id, order);
      this.dispatchEvent(new CustomEvent("published"));
      // The button that was pressed is gone: eyes and keyboard go to what came of it.
      await this.updateComplete;
      this.result?.focus();
    } catch (error) {
      this.trouble = say(error);
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    return html`<h2>${t("publish.title")}</h2>
      ${this.trouble === ""
        ? nothing
        : html`<p class="note bad" role="alert">${this.trouble}</p>
            <p><button @click=${() => void this.look()}>${t("wait.again")}</button></p>`}
      ${this.done === null ? this.renderBefore() : this.renderDone(this.done)}`;
  }

  private renderBefore(): TemplateResult {
    if (this.board.state !== "draft") return html`<p>${t("publish.not_draft")}</p>`;
    return html`${this.hasPublished ? this.renderComparison() : html`<p>${t("publish.first")}</p>`}
    ${this.renderForm()}`;
  }

  private renderForm(): TemplateResult {
    const missing = this.board.unplaced.reduce((sum, each) => sum + each.missing, 0);
    const broken = this.board.problems.length;
    const ready = broken === 0 && (missing === 0 || this.accepts) && !this.busy;
    return html`${broken === 0
        ? nothing
        : html`<div class="note bad">
            <p>${t("publish.broken", { n: broken })}</p>
            <button @click=${() => this.dispatchEvent(new CustomEvent("to-check"))}>${t("publish.to_check")}</button>
          </div>`}
      ${missing === 0
        ? nothing
        : html`<label class="choice"
            ><input
              type="checkbox"
              id="accept"
              .checked=${this.accepts}
              @change=${(event: Event) => (this.accepts = (event.currentTarget as HTMLInputElement).checked)}
            />${t("publish.accept", { n: missing })}</label
          >`}
      <label class="field"
        >${t("publish.from")}
        <tk-date
          id="from"
          min=${this.firstDay}
          max=${this.lastDay}
          .value=${this.fromDay}
          @change=${(event: Event) => (this.fromDay = (event.currentTarget as DateField).value)}
        ></tk-date
      ></label>
      <div class="deeds">
        <button class="primary" id="publish" ?disabled=${!ready} @click=${() => this.confirm.open()}>
          ${t(this.busy ? "publish.doing" : "publish.do")}
        </button>
      </div>
      <tk-confirm
        heading=${t("publish.ask")}
        text=${t("publish.ask_text", { day: this.fromDay })}
        yes=${t("publish.yes")}
        no=${t("publish.no")}
        mild
        @confirmed=${() => void this.publish()}
      ></tk-confirm>`;
  }

  private renderComparison(): TemplateResult {
    const { comparison } = this;
    if (comparison === null) {
      if (this.trouble !== "") return html``;
      return html`<tk-wait message=${t("publish.comparing")} @again=${() => void this.look()}></tk-wait>`;
    }
    if (isSame(comparison)) return html`<p>${t("publish.same")}</p>`;
    return html`${renderSums(comparison)} ${this.renderConcerns(comparison)} ${renderDifferences(comparison)}`;
  }

  /** The same lessons, grouped by whom they concern. */
  private renderConcerns({ concerns, moved, added, removed }: Comparison): TemplateResult {
    const all = [...moved, ...added, ...removed];
    return html`<details id="concerns">
      <summary>${t("compare.concerns", { n: concerns.length })}</summary>
      <ul class="list">
        ${concerns.slice(0, MOST).map((each) => this.renderConcern(each, all))}
        ${concerns.length > MOST ? html`<li>${t("cell.more", { n: concerns.length - MOST })}</li>` : nothing}
      </ul>
    </details>`;
  }

  private renderConcern(concern: Concern, all: Difference[]): TemplateResult {
    const viewed: Viewed = { side: concern.kind, id: concern.id };
    const theirs = all.filter((each) => this.index.concerns(each.course, viewed));
    const { moved, added, removed } = concern;
    return html`<li>
      ${t(`side.${concern.kind}`)} <strong>${concern.name}</strong>
      <small>${t("compare.counts", { moved, added, removed })}</small>
      ${theirs.slice(0, MOST_EACH).map((each) => html`<p><small>${pick(each)}</small></p>`)}
      <div>
        <button @click=${() => this.dispatchEvent(new CustomEvent("look", { detail: viewed }))}>
          ${t("compare.look")}
        </button>
      </div>
    </li>`;
  }

  private renderDone(done: Published): TemplateResult {
    return html`<div class="note good" id="published" role="status" tabindex="-1">
        ${icon("check")} ${t("published.done", { from: done.from_day, to: done.last_day })}
      </div>
      <div class="sums">
        <div><strong>${done.added}</strong>${t("published.added")}</div>
        <div><strong>${done.moved}</strong>${t("published.moved")}</div>
        <div><strong>${done.removed}</strong>${t("published.removed")}</div>
        <div><strong>${done.kept}</strong>${t("published.kept")}</div>
      </div>
      <p class="soft">${t("published.notices", { n: done.notices })}</p>
      ${done.left_alone.length === 0
        ? nothing
        : html`<h3>${t("published.left_alone", { n: done.left_alone.length })}</h3>
            <ul class="list">
              ${done.left_alone
                .slice(0, MOST)
                .map((each) => html`<li class="warn">${each.day} ${each.title}: ${pick(each)}</li>`)}
            </ul>`}`;
  }
}
