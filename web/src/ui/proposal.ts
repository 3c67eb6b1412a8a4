// What would move when somebody is away, and a choice for each lesson without a place.
// Nothing is changed before a person agrees.

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { t } from "../client/i18n";
import {
  type Choice,
  type Chosen,
  clashOf,
  anybody,
  type ClashKind,
  firstChoices,
  type Move,
  type Offer,
  offerKey,
  offersOf,
  type Proposal as Proposed,
  type Stuck,
  type Substitute,
} from "../client/repairs";
import {
  movesWeekly,
  sharedChoice,
  sharedOffers,
  steadyFirst,
  stuckWeekly,
  withNamed,
  withShared,
} from "../client/weekly";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { offerName, substituteName, thenName, weeklyName, whenName } from "./proposal-words";
import { shared } from "./style";

const CLASHES = {
  teacher: "repair.clash_teacher",
  room: "repair.clash_room",
  class: "repair.clash_class",
  course: "repair.clash_course",
  travel: "repair.clash_travel",
} as const;

@customElement("tk-proposal")
export class Proposal extends LitElement {
  @property({ attribute: false }) proposal!: Proposed;
  /** An answer is on its way. */
  @property({ type: Boolean }) busy = false;
  @state() private chosen: Chosen[] = [];
  /** Weekly lessons that a person decides on date by date: the first lesson of each. */
  @state() private oneByOne = new Set<string>();
  /** Whom a person can name, beside those that are offered. */
  @state() private people: Substitute[] = [];
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
    if (!was.has("proposal")) return;
    this.chosen = firstChoices(steadyFirst(this.proposal.stuck), this.proposal.ways);
    this.oneByOne = new Set();
  }

  /** Eyes and keyboard begin at the top of what was found. */
  protected override firstUpdated(): void {
    this.summary.focus();
    // Without the list the offers still stand.
    void anybody().then(
      (people) => (this.people = people),
      () => undefined,
    );
  }

  private choose(stuck: Stuck, offer: Offer): void {
    this.chosen = this.chosen.map((each) => (each.stuck.lesson === stuck.lesson ? { stuck, offer } : each));
  }

  private name(weekly: Chosen[], input: HTMLInputElement): void {
    const said = input.value.trim();
    const found = this.people.filter((each) => substituteName(each) === said || each.name === said);
    const named = found.length === 1 ? found[0] : undefined;
    // Nobody is to think that a name was taken which was not.
    input.setCustomValidity(said === "" || named !== undefined ? "" : t("offer.nobody"));
    if (!input.reportValidity() || named === undefined) return;
    this.oneByOne = new Set([...this.oneByOne].filter((each) => each !== weekly[0]!.stuck.lesson || weekly.length === 1));
    this.take(withNamed(weekly, named));
  }

  private take(chosen: Chosen[]): void {
    const now = new Map(chosen.map((each) => [each.stuck.lesson, each]));
    this.chosen = this.chosen.map((each) => now.get(each.stuck.lesson) ?? each);
  }

  private chooseShared(weekly: Chosen[], offer: Offer | null): void {
    const first = weekly[0]!.stuck.lesson;
    const rest = [...this.oneByOne].filter((each) => each !== first);
    this.oneByOne = new Set(offer === null ? [...rest, first] : rest);
    if (offer !== null) this.take(withShared(weekly, offer));
  }

  /** The first choice of others that this one does not go with. */
  private clash(one: Chosen): { with: Chosen; kind: ClashKind } | null {
    for (const other of this.chosen) {
      const kind = other.stuck.lesson === one.stuck.lesson ? null : clashOf(one, other, this.proposal.ways);
      if (kind !== null) return { with: other, kind };
    }
    return null;
  }

  private agree(event: Event): void {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const clashing = this.chosen.find((each) => this.clash(each) !== null);
    if (clashing !== undefined) {
      const item = form.querySelector(`[data-lesson="${clashing.stuck.lesson}"], [data-also~="${clashing.stuck.lesson}"]`);
      item?.querySelector<HTMLElement>("input:checked")?.focus();
      return;
    }
    const words = new FormData(form);
    const choices: Choice[] = this.weekly.flatMap((weekly) =>
      weekly.map(({ stuck: { lesson }, offer }) => {
        const named = words.get(`resource-${lesson}`) ?? words.get(`resource-all-${weekly[0]!.stuck.lesson}`);
        const resource = resourceOf(String(named ?? "").trim());
        return offer.kind === "recording" ? { ...offer, lesson, resource } : { ...offer, lesson };
      }),
    );
    this.dispatchEvent(new CustomEvent<Choice[]>("agree", { detail: choices }));
  }

  /** What is chosen, lessons of one weekly time together. */
  private get weekly(): Chosen[][] {
    const found = new Map(this.chosen.map((each) => [each.stuck.lesson, each]));
    return stuckWeekly(this.chosen.map(({ stuck }) => stuck)).map((group) => group.map(({ lesson }) => found.get(lesson)!));
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
                ${movesWeekly(moves).map((each) => this.renderMoves(each))}
              </ul>`}
        ${stuck.length === 0
          ? nothing
          : html`<h3>${t("repair.stuck", { n: stuck.length })}</h3>
              <ul class="list" id="stuck">
                ${this.weekly.map((each) => (each.length > 1 ? this.renderWeekly(each) : this.renderStuck(each[0]!)))}
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

  private renderMoves(weekly: Move[]): TemplateResult {
    const { title, teacher, before, after } = weekly[0]!;
    const [from, to] =
      weekly.length === 1
        ? [whenName(before), whenName(after)]
        : [weeklyName(weekly.map((each) => each.before)), thenName(after)];
    return html`<li>
      <strong>${title}</strong> · ${teacher}
      <div><span class="when">${from} →</span> <span class="then">${to}</span></div>
    </li>`;
  }

  /** One choice for all dates, or each date with its own. */
  private renderWeekly(weekly: Chosen[]): TemplateResult {
    const all = weekly.map(({ stuck }) => stuck);
    const { lesson, title, teacher } = all[0]!;
    const picked = this.oneByOne.has(lesson) ? null : sharedChoice(weekly);
    const clashing = weekly.filter((each) => this.clash(each) !== null);
    return html`<li class=${clashing.length === 0 ? "warn" : "bad"} data-weekly=${lesson} data-also=${all.map((each) => each.lesson).join(" ")}>
      <fieldset>
        <legend>${title} · ${teacher}<br /><span class="when">${weeklyName(all.map((each) => each.before))}</span></legend>
        ${sharedOffers(all).map(({ offer, times }) => {
          const isPicked = picked !== null && offerKey(offer) === offerKey(picked);
          const choose = (): void => this.chooseShared(weekly, offer);
          return choiceOf(`all-${lesson}`, offerKey(offer), offerName(offer, all, times), isPicked, choose);
        })}
        ${choiceOf(`all-${lesson}`, "each", t("repair.one_by_one"), picked === null, () => this.chooseShared(weekly, null))}
      </fieldset>
      ${this.renderNaming(weekly)}
      ${picked === null
        ? html`<ul class="list">
            ${weekly.map((each) => this.renderStuck(each))}
          </ul>`
        : html`<div aria-live="polite">${clashing.slice(0, 1).map((each) => this.renderClash(each))}</div>`}
      ${picked?.kind === "recording" ? this.renderRecording(all[0]!, `all-${lesson}`) : nothing}
    </li>`;
  }

  private renderStuck(one: Chosen): TemplateResult {
    const { stuck, offer: picked } = one;
    const clash = this.clash(one);
    const note = `clash-${stuck.lesson}`;
    return html`<li class=${clash === null ? "warn" : "bad"} data-lesson=${stuck.lesson}>
      <fieldset aria-describedby=${clash === null ? nothing : note}>
        <legend>${stuck.title} · ${stuck.teacher}<br /><span class="when">${whenName(stuck.before)}</span></legend>
        ${offersOf(stuck).map((offer) => {
          const choose = (): void => this.choose(stuck, offer);
          return choiceOf(stuck.lesson, offerKey(offer), offerName(offer, [stuck]), offerKey(offer) === offerKey(picked), choose);
        })}
      </fieldset>
      ${this.renderNaming([one])}
      <div aria-live="polite">${this.renderClash(one)}</div>
      ${picked.kind === "recording" ? this.renderRecording(stuck, stuck.lesson) : nothing}
    </li>`;
  }

  /** Somebody who is not among the offers. */
  private renderNaming(weekly: Chosen[]): TemplateResult {
    const { lesson, teacher_id } = weekly[0]!.stuck;
    const list = `people-${weekly.length > 1 ? "all-" : ""}${lesson}`;
    return html`<label class="field"
      ><small>${t("offer.other")}</small
      ><input
        type="text"
        data-naming=${lesson}
        list=${list}
        autocomplete="off"
        @change=${(event: Event) => this.name(weekly, event.currentTarget as HTMLInputElement)}
        @keydown=${(event: KeyboardEvent) => {
          // It would agree to everything.
          if (event.key !== "Enter") return;
          event.preventDefault();
          this.name(weekly, event.currentTarget as HTMLInputElement);
        }}
      /><datalist id=${list}>
        ${this.people.filter(({ teacher }) => teacher !== teacher_id).map((each) => html`<option value=${substituteName(each)}></option>`)}
      </datalist></label
    >`;
  }

  private renderClash(one: Chosen): TemplateResult | typeof nothing {
    const clash = this.clash(one);
    if (clash === null) return nothing;
    return html`<p class="note bad clash" id=${`clash-${one.stuck.lesson}`}>
      ${t(CLASHES[clash.kind], {
        title: clash.with.stuck.title,
        choice: offerName(clash.with.offer, [clash.with.stuck]),
      })}
    </p>`;
  }

  private renderRecording({ recording: { subject, grade } }: Stuck, of: string): TemplateResult {
    const address = `/library?${new URLSearchParams({ subject, grade }).toString()}`;
    return html`<label class="field"
      ><small
        >${t("repair.resource")} <a target="_blank" href=${address}>${t("today.recording")}</a></small
      ><input type="text" name=${`resource-${of}`} required autocomplete="off"
    /></label>`;
  }
}

const choiceOf = (name: string, value: string, says: string, isPicked: boolean, choose: () => void): TemplateResult =>
  html`<label class="choice"
    ><input type="radio" name=${name} value=${value} .checked=${isPicked} @change=${choose} /> <span>${says}</span></label
  >`;

/** People paste the address of a library page; its id is what counts. */
function resourceOf(text: string): string {
  return /[?&]resource=([^&#]+)/.exec(text)?.[1] ?? text;
}
