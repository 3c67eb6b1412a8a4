// What was proposed or agreed for a term and is not over: go on with it, or end it
// sooner. What would come back is shown before anything does.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { say } from "../client/api";
import { pick, t } from "../client/i18n";
import { type Ending, endRepair, type Proposal, repairsOf } from "../client/repairs";
import "./date-field";
import type { DateField } from "./date-field";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { absenceName, dayText, whenName } from "./proposal-words";
import { isoDay } from "./publish";
import { shared } from "./style";

/** `go-on`: an open proposal. `repaired`: lessons came back. */
@customElement("tk-absences")
export class Absences extends LitElement {
  @property() term = "";
  @state() private all: Proposal[] = [];
  /** The one that is being ended, by id. */
  @state() private chosen = "";
  /** What ending it would do, and once it is done, what it did. */
  @state() private ending: Ending | null = null;
  @state() private done = false;
  @state() private trouble = "";
  @state() private busy = false;
  @query("#ending") private result!: HTMLElement | null;
  @query("tk-date") private day!: DateField | null;

  static override styles = [
    shared,
    panelStyle,
    css`
      h4 {
        margin: 0;
      }
      .ending {
        display: grid;
        gap: 10px;
        margin-top: 8px;
      }
      .found {
        display: grid;
        gap: 6px;
      }
      .list .found li {
        padding: 0 0 0 10px;
        border-width: 0 0 0 2px;
        border-radius: 0;
        background: none;
      }
      [tabindex="-1"]:focus {
        outline: none;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.attempt(() => this.list());
  }

  private async list(): Promise<void> {
    const found = await repairsOf(this.term);
    const today = isoDay(new Date());
    this.all = found.filter(
      ({ state, stale, ahead, absence: { last_day } }) =>
        last_day >= today && ((state === "agreed" && ahead > 0) || (state === "open" && !stale)),
    );
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

  private async choose(one: Proposal | null): Promise<void> {
    this.chosen = one?.id ?? "";
    this.ending = null;
    this.done = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("tk-date input")?.focus();
  }

  private async end(id: string, check: boolean): Promise<void> {
    const from = this.day?.value ?? this.ending?.from_day ?? "";
    await this.attempt(async () => {
      this.ending = await endRepair(id, from, check);
      if (check) return;
      this.done = true;
      this.chosen = "";
      this.dispatchEvent(new CustomEvent("repaired"));
      await this.list();
    });
    await this.updateComplete;
    this.result?.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const { ending } = this;
    return html`${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
      ${ending === null || !this.done ? nothing : this.renderDone(ending)}
      ${this.all.length === 0
        ? nothing
        : html`<details id="absences">
            <summary>${t("ending.list", { n: this.all.length })}</summary>
            <ul class="list">
              ${this.all.map((each) => this.renderOne(each))}
            </ul>
          </details>`}`;
  }

  private renderOne(one: Proposal): TemplateResult {
    const { absence, ended } = one;
    return html`<li data-repair=${one.id}>
      <strong>${absenceName(absence, one.who)}</strong>
      <div>
        ${one.state === "open"
          ? t("ending.is_open")
          : ended === null
            ? t("ending.ahead", { n: one.ahead })
            : t("ending.is_ended", { day: dayText(ended.from_day), n: one.ahead })}
      </div>
      ${this.chosen === one.id ? this.renderForm(one) : this.renderDeed(one)}
    </li>`;
  }

  private renderDeed(one: Proposal): TemplateResult {
    if (one.state === "open") {
      const goOn = (): boolean => this.dispatchEvent(new CustomEvent<Proposal>("go-on", { detail: one }));
      return html`<button data-deed="go-on" @click=${goOn}>${t("ending.go_on")}</button>`;
    }
    return html`<button data-deed="end" ?disabled=${this.busy} @click=${() => void this.choose(one)}>
      ${t("ending.begin")}
    </button>`;
  }

  private renderForm({ id, absence: { first_day, last_day } }: Proposal): TemplateResult {
    const today = isoDay(new Date());
    const from = today > first_day ? today : first_day;
    return html`<form
      class="ending"
      @submit=${(event: Event) => {
        event.preventDefault();
        void this.end(id, true);
      }}
    >
      <label class="field"
        >${t("ending.from")}<tk-date
          name="from"
          required
          min=${first_day}
          max=${last_day}
          value=${from}
          @change=${() => (this.ending = null)}
        ></tk-date
        ><small>${t("ending.from_hint")}</small></label
      >
      ${this.ending === null ? nothing : this.renderEnding(this.ending)}
      <div class="deeds">
        ${this.ending === null
          ? html`<button class="primary" id="look-back" ?disabled=${this.busy}>
              ${t(this.busy ? "repair.looking" : "ending.look")}
            </button>`
          : this.ending.back.length === 0
            ? nothing
            : html`<button
                type="button"
                class="primary"
                id="end-it"
                ?disabled=${this.busy}
                @click=${() => void this.end(id, false)}
              >
                ${icon("check")}${t("ending.yes")}
              </button>`}
        <button type="button" id="leave-it" ?disabled=${this.busy} @click=${() => void this.choose(null)}>
          ${t("ending.no")}
        </button>
      </div>
    </form>`;
  }

  private renderEnding({ back, stays }: Ending): TemplateResult {
    const says = back.length === 0 ? "ending.nothing" : "ending.would";
    return html`<p class="note warn" id="ending" role="status" tabindex="-1">
        ${t(says, { back: back.length, stays: stays.length })}
      </p>
      ${this.renderLists(back, stays)}`;
  }

  private renderDone({ back, stays, told }: Ending): TemplateResult {
    return html`<p class="note good" id="ending" role="status" tabindex="-1">
        ${icon("check")} ${t("ending.done", { back: back.length, told })}
      </p>
      ${this.renderLists([], stays)}`;
  }

  private renderLists(back: Ending["back"], stays: Ending["stays"]): TemplateResult {
    return html`${back.length === 0
      ? nothing
      : html`<h4>${t("ending.back", { n: back.length })}</h4>
          <ul class="found" id="back">
            ${back.map((each) => html`<li>${pick(each)}</li>`)}
          </ul>`}
    ${stays.length === 0
      ? nothing
      : html`<h4>${t("ending.stays", { n: stays.length })}</h4>
          <ul class="found" id="stays">
            ${stays.map((each) => html`<li>${whenName(each.own)} ${each.title}${t("list.colon")}${pick(each)}</li>`)}
          </ul>`}`;
  }
}
