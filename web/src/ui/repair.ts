// Somebody is away or something is closed on certain days: what moves is shown before
// anybody agrees, and for what cannot be placed a person chooses.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { BoardIndex, Viewed } from "../client/board";
import type { Term } from "../client/editions";
import { dateName, pick, t } from "../client/i18n";
import {
  type Agreed,
  agree,
  type Choice,
  dropRepair,
  minuteOf,
  offerKey,
  offersOf,
  type Proposal,
  propose,
  type Stuck,
  WHAT,
  type When,
} from "../client/repairs";
import { spanOf } from "../client/weekgrid";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { isoDay } from "./publish";
import { shared } from "./style";
import "./who";

@customElement("tk-repair")
export class Repair extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  @property({ attribute: false }) term!: Term;
  @state() private who: Viewed | null = null;
  @state() private proposal: Proposal | null = null;
  @state() private agreed: Agreed | null = null;
  @state() private trouble = "";
  @state() private busy = false;

  static override styles = [
    shared,
    panelStyle,
    css`
      .pair {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 10px;
      }
      .pair input {
        width: 100%;
        min-width: 0;
      }
      li fieldset {
        margin-top: 6px;
        gap: 0;
      }
      input[name="resource"] {
        width: 100%;
      }
    `,
  ];

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

  private ask(event: Event): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const { side, id } = this.who ?? { side: "teacher" as const, id: this.index.all("teacher")[0]?.id ?? "" };
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    void this.attempt(async () => {
      this.agreed = null;
      this.proposal = await propose(this.term.id, {
        what: WHAT[side],
        id,
        first_day: text("first"),
        last_day: text("last") || text("first"),
        start_minute: minuteOf(text("start")),
        end_minute: minuteOf(text("end")),
        reason: text("reason"),
      });
    });
  }

  private agree(event: Event, { id, stuck }: Proposal): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const choices: Choice[] = stuck.map((each) => {
      const chosen = offersOf(each).find((offer) => offerKey(offer) === form.get(each.lesson));
      const resource = String(form.get(`resource-${each.lesson}`) ?? "").trim();
      const choice: Choice = { ...(chosen ?? { kind: "leave" }), lesson: each.lesson };
      return choice.kind === "recording" ? { ...choice, resource: resourceOf(resource) } : choice;
    });
    void this.attempt(async () => {
      this.agreed = await agree(id, choices);
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

  override render(): TemplateResult {
    return html`<h2>${t("repair.title")}</h2>
      ${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
      ${this.agreed === null ? nothing : this.renderAgreed(this.agreed)}
      ${this.proposal === null ? this.renderForm() : this.renderProposal(this.proposal)}`;
  }

  private renderForm(): TemplateResult {
    const today = isoDay(new Date());
    const first = today < this.term.first_day ? this.term.first_day : today;
    const day = { min: this.term.first_day, max: this.term.last_day };
    const viewed = this.who ?? { side: "teacher", id: this.index.all("teacher")[0]?.id ?? "" };
    return html`<p class="soft">${t("repair.hint")}</p>
      <form @submit=${this.ask}>
        <fieldset>
          <legend>${t("repair.who")}</legend>
          <tk-who
            every
            .index=${this.index}
            .viewed=${viewed}
            @look=${(event: CustomEvent<Viewed>) => (this.who = event.detail)}
          ></tk-who>
        </fieldset>
        <div class="pair">
          <label class="field"
            >${t("repair.first")}<input type="date" name="first" required min=${day.min} max=${day.max} value=${first}
          /></label>
          <label class="field"
            >${t("repair.last")}<input type="date" name="last" min=${day.min} max=${day.max}
          /></label>
        </div>
        <div class="pair">
          <label class="field">${t("repair.start")}<input type="time" name="start" /></label>
          <label class="field">${t("repair.end")}<input type="time" name="end" /></label>
        </div>
        <label class="field">${t("repair.reason")}<input name="reason" maxlength="80" /></label>
        <div class="deeds">
          <button class="primary" id="propose" ?disabled=${this.busy}>
            ${t(this.busy ? "repair.looking" : "repair.propose")}
          </button>
        </div>
      </form>`;
  }

  private renderProposal(proposal: Proposal): TemplateResult {
    const { moves, stuck, who } = proposal;
    if (moves.length + stuck.length === 0) {
      return html`<p class="note good" id="proposal">${icon("check")} ${t("repair.nothing", { who })}</p>
        <div class="deeds"><button @click=${() => this.drop(proposal)}>${t("repair.drop")}</button></div>`;
    }
    return html`<p class="note warn" id="proposal">
        ${t("repair.says", { who, moves: moves.length, stuck: stuck.length })}
      </p>
      <form @submit=${(event: Event) => this.agree(event, proposal)}>
        ${moves.length === 0
          ? nothing
          : html`<h3>${t("repair.moves", { n: moves.length })}</h3>
              <ul class="list">
                ${moves.map((each) => html`<li>${pick(each)}</li>`)}
              </ul>`}
        ${stuck.length === 0
          ? nothing
          : html`<h3>${t("repair.stuck", { n: stuck.length })}</h3>
              <ul class="list">
                ${stuck.map((each) => this.renderStuck(each))}
              </ul>`}
        <div class="deeds">
          <button class="primary" id="agree" ?disabled=${this.busy || proposal.stale}>
            ${icon("check")}${t("repair.agree")}
          </button>
          <button type="button" id="drop" ?disabled=${this.busy} @click=${() => this.drop(proposal)}>
            ${t("repair.drop")}
          </button>
        </div>
        ${proposal.stale ? html`<p class="note bad">${t("repair.stale")}</p>` : nothing}
      </form>`;
  }

  private renderStuck(stuck: Stuck): TemplateResult {
    const offers = offersOf(stuck);
    return html`<li class="warn">
      <strong>${stuck.title}</strong> · ${stuck.teacher} · ${whenName(stuck.before)}
      <fieldset>
        ${offers.map(
          (offer, n) =>
            html`<label class="choice"
              ><input type="radio" name=${stuck.lesson} value=${offerKey(offer)} ?checked=${n === 0} />
              <span>${offerName(offer, stuck)}</span></label
            >`,
        )}
      </fieldset>
      <label class="field"
        ><small
          >${t("repair.resource")}
          <a
            target="_blank"
            href=${`/library?subject=${encodeURIComponent(stuck.recording.subject)}&grade=${encodeURIComponent(stuck.recording.grade)}`}
            >${t("today.recording")}</a
          ></small
        ><input name=${`resource-${stuck.lesson}`} autocomplete="off"
      /></label>
    </li>`;
  }

  private renderAgreed({ moved, substituted, cancelled, left }: Agreed): TemplateResult {
    return html`<p class="note good" id="agreed" role="status">
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

const whenName = (when: When): string => `${dateName(Date.parse(when.day) / 1000)} ${spanOf(when)}`;

function offerName(offer: Omit<Choice, "lesson">, { substitutes, dates }: Stuck): string {
  if (offer.kind === "substitute") {
    const found = substitutes.find((each) => each.teacher === offer.teacher);
    return t("offer.substitute", { name: found?.name ?? "", school: found?.school ?? "" });
  }
  if (offer.kind === "date") {
    const found = dates.find((each) => each.day === offer.day && each.start === offer.start);
    return t("offer.date", { when: found ? whenName(found) : "" });
  }
  return t(`offer.${offer.kind}`);
}

/** People paste the address of a library page; its id is what counts. */
function resourceOf(text: string): string {
  return /[?&]resource=([^&#]+)/.exec(text)?.[1] ?? text;
}
