// Addresses of calendars for phones and class boards: made, copied once, revoked.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { BoardIndex, Viewed } from "../client/board";
import { dateName, t } from "../client/i18n";
import {
  type CalendarLink,
  calendarLinks,
  csesUrl,
  everybody,
  makeCalendarLink,
  revokeCalendarLink,
} from "../client/people";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./who";

@customElement("tk-calendar-links")
export class CalendarLinks extends LitElement {
  @property() term = "";
  /** Of a person who may only look. */
  @property({ type: Boolean }) fixed = false;
  @state() private index: BoardIndex | null = null;
  @state() private viewed: Viewed | null = null;
  @state() private links: CalendarLink[] = [];
  @state() private made = "";
  @state() private copied = false;
  @state() private trouble = "";

  static override styles = [
    shared,
    panelStyle,
    css`
      .address {
        display: flex;
        gap: 8px;
      }
      .address input {
        flex: 1;
        min-width: 0;
        font-family: ui-monospace, monospace;
        font-size: 0.85rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.attempt(async () => {
      this.index = await everybody();
      const [first] = this.index.all("teacher");
      if (first !== undefined) this.viewed ??= { side: "teacher", id: first.id };
    });
  }

  private async attempt(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
      if (!this.fixed) this.links = await calendarLinks();
      this.trouble = "";
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private make({ side, id }: Viewed): void {
    void this.attempt(async () => {
      this.copied = false;
      this.made = location.origin + (await makeCalendarLink(side, id)).path;
    });
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.made);
      this.copied = true;
    } catch {
      // Without a secure address there is no clipboard: the text is chosen for a hand.
      this.renderRoot.querySelector<HTMLInputElement>("#address")?.select();
      this.trouble = t("link.by_hand");
    }
  }

  override render(): TemplateResult {
    return html`<h2>${t("link.title")}</h2>
      <p class="soft">${t("link.hint")}</p>
      ${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
      ${this.index === null || this.viewed === null ? nothing : this.renderChoice(this.index, this.viewed)}
      ${this.links.length === 0 ? nothing : this.renderLinks(this.links)}`;
  }

  private renderChoice(index: BoardIndex, viewed: Viewed): TemplateResult {
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
        ${this.fixed
          ? nothing
          : html`<button class="primary" id="make-link" @click=${() => this.make(viewed)}>
              ${icon("plus")}${t("link.make")}
            </button>`}
        ${viewed.side === "class"
          ? html`<a class="button" download href=${csesUrl(viewed.id, this.term)}
              >${icon("download")}${t("link.cses")}</a
            >`
          : nothing}
      </div>
      ${this.made === ""
        ? nothing
        : html`<p class="note warn">${t("link.once")}</p>
            <div class="address">
              <input id="address" readonly aria-label=${t("link.address")} .value=${this.made} />
              <button id="copy-link" @click=${() => void this.copy()}>
                ${icon(this.copied ? "check" : "copy")}${t(this.copied ? "link.copied" : "link.copy")}
              </button>
            </div>`}`;
  }

  private renderLinks(links: CalendarLink[]): TemplateResult {
    const nameOf = ({ what, target }: CalendarLink): string =>
      this.index?.all(what).find((each) => each.id === target)?.name ?? target;
    return html`<details>
      <summary>${t("link.all", { n: links.length })}</summary>
      <ul class="list">
        ${links.map(
          (each) =>
            html`<li>
              ${t(`side.${each.what}`)} <strong>${nameOf(each)}</strong>
              <small>${each.made_by} ${dateName(each.made_at)}</small>
              <div>
                <button class="danger" @click=${() => void this.attempt(() => revokeCalendarLink(each.id))}>
                  ${t("link.revoke")}
                </button>
              </div>
            </li>`,
        )}
      </ul>
    </details>`;
  }
}
