// A draft that was made because something lasts: what moves every week from now on, to
// be published or put aside.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { BoardIndex } from "../client/board";
import type { Term } from "../client/editions";
import { t, weekdayName } from "../client/i18n";
import { type ClosedTime, firstDayOf, putAside } from "../client/lasting";
import { clockOf } from "../client/weekgrid";
import { panelStyle } from "./panel-style";
import "./publish";
import { shared } from "./style";

/** `王老师 周三 13:00-17:00，第 8-20 周：进修`. */
export function lastingName({ weekdays, start_minute: start, end_minute: end, weeks, title }: ClosedTime, who: string): string {
  const days = [...weekdays].sort().map(weekdayName).join(t("list.and"));
  const time = start === null || end === null ? t("repair.all_day") : `${clockOf(start)}-${clockOf(end)}`;
  const says = t("repair.lasting", { who, days, time, weeks });
  // What it is called when nobody gave it a name would only be said twice.
  return title === t("repair.lasting_title") ? says : `${says}${t("list.colon")}${title}`;
}

@customElement("tk-lasting")
export class Lasting extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  @property({ attribute: false }) term!: Term;
  @property({ attribute: false }) closed!: ClosedTime;
  /** The name of what is closed. */
  @property() who = "";
  /** The solver is still mending. */
  @property({ type: Boolean }) atWork = false;
  @state() private trouble = "";
  @state() private busy = false;

  static override styles = [shared, panelStyle];

  private async giveUp(): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      await putAside(this.closed);
      this.dispatchEvent(new CustomEvent("put-aside"));
    } catch (error) {
      this.trouble = say(error);
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    const isDraft = this.index.board.state === "draft";
    return html`${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
      <div class="note warn" id="lasting" role="status">
        <p>${lastingName(this.closed, this.who)}</p>
        ${isDraft ? html`<p>${t(this.atWork ? "repair.mending" : "repair.mended")}</p>` : nothing}
      </div>
      ${this.atWork
        ? html`<progress aria-label=${t("repair.mending")}></progress>`
        : html`<tk-publish
            .index=${this.index}
            firstDay=${this.term.first_day}
            lastDay=${this.term.last_day}
            wishedDay=${firstDayOf(this.term, this.closed)}
            hasPublished
            @look=${this.pass}
            @to-check=${this.pass}
            @published=${this.pass}
          ></tk-publish>`}
      ${isDraft
        ? html`<div class="deeds">
            <button id="put-aside" ?disabled=${this.busy || this.atWork} @click=${() => void this.giveUp()}>
              ${t("repair.put_aside")}
            </button>
          </div>`
        : nothing}`;
  }

  private readonly pass = (event: CustomEvent): void => {
    this.dispatchEvent(new CustomEvent(event.type, { detail: event.detail as unknown }));
  };
}
