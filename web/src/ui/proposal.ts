// What would move when somebody is away, and a choice for each lesson without a place.
// Nothing is changed before a person agrees.

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { lang, t } from "../client/i18n";
import {
  type Choice,
  type Chosen,
  clashOf,
  type ClashKind,
  firstChoices,
  type Move,
  type Offer,
  offerKey,
  offersOf,
  type Proposal as Proposed,
  type Stuck,
  type When,
} from "../client/repairs";
import { spanOf } from "../client/weekgrid";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";

const CLASHES = {
  teacher: "repair.clash_teacher",
  room: "repair.clash_room",
  class: "repair.clash_class",
  course: "repair.clash_course",
} as const;

@customElement("tk-proposal")
export class Proposal extends LitElement {
  @property({ attribute: false }) proposal!: Proposed;
  /** An answer is on its way. */
  @property({ type: Boolean }) busy = false;
  @state() private chosen: Chosen[] = [];
  @query("#proposal") private summary!: HTMLElement;

  static override styles = [
    shared,
    panelStyle,
    css`
      li fieldset {
        gap: 0;
      }
      li legend {
        margin-bottom: 2px;
      }
      li .when {
        color: var(--text-soft);
      }
      li div .when,
      li .then {
        white-space: nowrap;
      }
      li .clash {
        margin: 4px 0;
      }
      input[type="text"] {
        width: 100%;
      }
      form:focus {
        outline: none;
      }
    `,
  ];

  protected override willUpdate(was: PropertyValues<this>): void {
    if (was.has("proposal")) this.chosen = firstChoices(this.proposal.stuck);
  }

  /** Eyes and keyboard begin at the top of what was found. */
  protected override firstUpdated(): void {
    this.summary.focus();
  }

  private choose(stuck: Stuck, offer: Offer): void {
    this.chosen = this.chosen.map((each) => (each.stuck.lesson === stuck.lesson ? { stuck, offer } : each));
  }

  /** The first choice of others that this one does not go with. */
  private clash(one: Chosen): { with: Chosen; kind: ClashKind } | null {
    for (const other of this.chosen) {
      const kind = other.stuck.lesson === one.stuck.lesson ? null : clashOf(one, other);
      if (kind !== null) return { with: other, kind };
    }
    return null;
  }

  private agree(event: Event): void {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const clashing = this.chosen.find((each) => this.clash(each) !== null);
    if (clashing !== undefined) {
      form.querySelector<HTMLElement>(`input[name="${clashing.stuck.lesson}"]:checked`)?.focus();
      return;
    }
    const words = new FormData(form);
    const choices: Choice[] = this.chosen.map(({ stuck: { lesson }, offer }) => {
      const resource = resourceOf(String(words.get(`resource-${lesson}`) ?? "").trim());
      return offer.kind === "recording" ? { ...offer, lesson, resource } : { ...offer, lesson };
    });
    this.dispatchEvent(new CustomEvent<Choice[]>("agree", { detail: choices }));
  }

  private readonly drop = (): boolean => this.dispatchEvent(new CustomEvent("drop"));

  override render(): TemplateResult {
    const { moves, stuck, who } = this.proposal;
    if (moves.length + stuck.length === 0) {
      return html`<p class="note good" id="proposal" role="status" tabindex="-1">${icon("check")} ${t("repair.nothing", { who })}</p>
        <div class="deeds"><button id="drop" @click=${this.drop}>${t("repair.drop")}</button></div>`;
    }
    return html`<p class="note warn" id="proposal" role="status" tabindex="-1">
        ${t("repair.says", { who, moves: moves.length, stuck: stuck.length })}
      </p>
      <form @submit=${this.agree}>
        ${moves.length === 0
          ? nothing
          : html`<h3>${t("repair.moves", { n: moves.length })}</h3>
              <ul class="list" id="moves">
                ${moves.map((each) => this.renderMove(each))}
              </ul>`}
        ${stuck.length === 0
          ? nothing
          : html`<h3>${t("repair.stuck", { n: stuck.length })}</h3>
              <ul class="list" id="stuck">
                ${this.chosen.map((each) => this.renderStuck(each))}
              </ul>`}
        ${this.renderDeeds()}
      </form>`;
  }

  private renderDeeds(): TemplateResult {
    const { stale } = this.proposal;
    const clashes = this.chosen.filter((each) => this.clash(each) !== null).length;
    return html`${clashes === 0 ? nothing : html`<p class="note bad" id="clashes">${t("repair.clashes", { n: clashes })}</p>`}
      <div class="deeds">
        <button class="primary" id="agree" ?disabled=${this.busy || stale}>${icon("check")}${t("repair.agree")}</button>
        <button type="button" id="drop" ?disabled=${this.busy} @click=${this.drop}>${t("repair.drop")}</button>
      </div>
      ${stale ? html`<p class="note bad">${t("repair.stale")}</p>` : nothing}`;
  }

  private renderMove({ title, teacher, before, after }: Move): TemplateResult {
    return html`<li>
      <strong>${title}</strong> · ${teacher}
      <div><span class="when">${whenName(before)} →</span> <span class="then">${whenName(after)}</span></div>
    </li>`;
  }

  private renderStuck(one: Chosen): TemplateResult {
    const { stuck, offer: picked } = one;
    const clash = this.clash(one);
    const note = `clash-${stuck.lesson}`;
    return html`<li class=${clash === null ? "warn" : "bad"} data-lesson=${stuck.lesson}>
      <fieldset aria-describedby=${clash === null ? nothing : note}>
        <legend>${stuck.title} · ${stuck.teacher}<br /><span class="when">${whenName(stuck.before)}</span></legend>
        ${offersOf(stuck).map(
          (offer) =>
            html`<label class="choice"
              ><input
                type="radio"
                name=${stuck.lesson}
                value=${offerKey(offer)}
                .checked=${offerKey(offer) === offerKey(picked)}
                @change=${() => this.choose(stuck, offer)}
              />
              <span>${offerName(offer, stuck)}</span></label
            >`,
        )}
      </fieldset>
      <div aria-live="polite">
        ${clash === null
          ? nothing
          : html`<p class="note bad clash" id=${note}>
              ${t(CLASHES[clash.kind], {
                title: clash.with.stuck.title,
                choice: offerName(clash.with.offer, clash.with.stuck),
              })}
            </p>`}
      </div>
      ${picked.kind === "recording" ? this.renderRecording(stuck) : nothing}
    </li>`;
  }

  private renderRecording({ lesson, recording: { subject, grade } }: Stuck): TemplateResult {
    const address = `/library?${new URLSearchParams({ subject, grade }).toString()}`;
    return html`<label class="field"
      ><small
        >${t("repair.resource")} <a target="_blank" href=${address}>${t("today.recording")}</a></small
      ><input type="text" name=${`resource-${lesson}`} required autocomplete="off"
    /></label>`;
  }
}

const day = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", weekday: "short", timeZone: "UTC" });

/** `12月7日周一 第3节 10:10–10:50`. */
const whenName = (when: When): string =>
  [day.format(Date.parse(when.day)), when.period, spanOf(when)].filter(Boolean).join(" ");

function offerName(offer: Offer, { substitutes, dates }: Stuck): string {
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
