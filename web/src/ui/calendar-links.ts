// Addresses of calendars for phones and class boards: made, copied once, revoked. A
// timetabler makes anybody's, everybody else their own.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { BoardIndex, Viewed } from "../client/board";
import { dateName, t } from "../client/i18n";
import { FIRST } from "../client/importing";
import {
  type CalendarLink,
  calendarLinks,
  everybody,
  makeCalendarLink,
  revokeCalendarLink,
} from "../client/people";
import "./copy-address";
import type { Confirm } from "./dialogs";
import "./dialogs";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./who";

@customElement("tk-calendar-links")
export class CalendarLinks extends LitElement {
  /** Of a person who may share these only. */
  @property({ attribute: false }) own: Viewed[] | null = null;
  @state() private index: BoardIndex | null = null;
  @state() private viewed: Viewed | null = null;
  @state() private links: CalendarLink[] = [];
  @state() private made = "";
  /** To be revoked, once a person says so. */
  @state() private leaving: CalendarLink | null = null;
  @state() private trouble = "";
  @query("tk-confirm") private confirm!: Confirm;

  static override styles = [shared, panelStyle];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  private begin(): Promise<void> {
    return this.attempt(async () => {
      if (this.own !== null) return;
      this.index = await everybody();
      const [first] = this.index.all("teacher");
      if (first !== undefined) this.viewed ??= { side: "teacher", id: first.id };
    });
  }

  private async attempt(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
      const all = await calendarLinks();
      this.links = this.own === null ? all : all.filter((each) => this.isOwn(each));
      this.trouble = "";
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private isOwn({ what, target }: CalendarLink): boolean {
    return this.own?.some((each) => each.side === what && each.id === target) ?? false;
  }

  private make({ side, id }: Viewed): void {
    void this.attempt(async () => {
      this.made = location.origin + (await makeCalendarLink(side, id)).path;
    });
  }

  private async ask(link: CalendarLink): Promise<void> {
    this.leaving = link;
    await this.updateComplete;
    await this.confirm.updateComplete;
    this.confirm.open();
  }

  private revoke({ id }: CalendarLink): void {
    this.leaving = null;
    void this.attempt(async () => {
      await revokeCalendarLink(id);
      this.made = "";
    });
  }

  override render(): TemplateResult {
    return html`<h2>${t("link.title")}</h2>
      <p class="soft">${t(this.own === null ? "link.hint" : "link.own_hint")}</p>
      ${this.trouble === ""
        ? nothing
        : html`<p class="note bad" role="alert">${this.trouble}</p>
            <p><button @click=${() => void this.begin()}>${t("wait.again")}</button></p>`}
      ${this.own === null ? this.renderChoice() : this.renderOwn(this.own)}
      ${this.made === ""
        ? nothing
        : html`<p class="note warn">${t("link.once")}</p>
            <tk-copy-address label=${t("link.address")} address=${this.made}></tk-copy-address>`}
      ${this.links.length === 0 ? nothing : this.renderLinks(this.links)}
      ${this.leaving === null ? nothing : this.renderQuestion(this.leaving)}`;
  }

  private renderQuestion(link: CalendarLink): TemplateResult {
    return html`<tk-confirm
      heading=${t("link.revoke_ask")}
      text=${t("link.revoke_text")}
      yes=${t("link.revoke")}
      no=${t("edition.no")}
      @confirmed=${() => this.revoke(link)}
    ></tk-confirm>`;
  }

  private renderChoice(): TemplateResult | typeof nothing {
    const { index, viewed } = this;
    if (index === null) return nothing;
    if (viewed === null) return html`<p>${t("link.nobody")}</p>`;
    return html`<tk-who
        every
        .index=${index}
        .viewed=${viewed}
        @look=${(event: CustomEvent<Viewed>) => {
          this.viewed = event.detail;
          this.made = "";
        }}
      ></tk-who>
      <div class="deeds">
        <button class="primary" id="make-link" @click=${() => this.make(viewed)}>
          ${icon("plus")}${t("link.make")}
        </button>
      </div>`;
  }

  private renderOwn(own: Viewed[]): TemplateResult {
    return html`<div class="deeds">
      ${own.map(
        (each) =>
          html`<button id=${`make-${each.side}`} @click=${() => this.make(each)}>
            ${icon("plus")}${t(each.side === "school" ? "link.make_school" : "link.make_mine")}
          </button>`,
      )}
    </div>`;
  }

  /** Those of whoever is chosen above come first. */
  private renderLinks(all: CalendarLink[]): TemplateResult {
    const nameOf = ({ what, target }: CalendarLink): string =>
      this.index?.all(what).find((each) => each.id === target)?.name ?? (this.own === null ? target : "");
    const isChosen = (each: CalendarLink): boolean =>
      each.what === this.viewed?.side && each.target === this.viewed.id;
    const links = [...all.filter(isChosen), ...all.filter((each) => !isChosen(each))];
    return html`<details>
      <summary>${t("link.all", { n: links.length })}</summary>
      <ul class="list">
        ${links.slice(0, FIRST).map(
          (each) =>
            html`<li>
              ${t(`side.${each.what}`)} <strong>${nameOf(each)}</strong>
              <small>${each.made_by} ${dateName(each.made_at)}</small>
              <div><button class="danger" @click=${() => void this.ask(each)}>${t("link.revoke")}</button></div>
            </li>`,
        )}
        ${links.length > FIRST ? html`<li>${t("link.more", { n: links.length - FIRST })}</li>` : nothing}
      </ul>
    </details>`;
  }
}
