// A time of day by 24 hours, typed in any way or chosen from a list. The browser's own
// field follows the browser's language: AM and PM in an English one.

import { html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { t } from "../client/i18n";
import { readTime } from "../client/time-text";
import { clockOf } from "../client/weekgrid";
import { icon } from "./icons";

const EXAMPLE = "14:00";
/** What is offered to a finger: the half hours of a school's day. Others are typed. */
const OFFERED = Array.from({ length: 31 }, (_, n) => clockOf(7 * 60 + 30 * n));

/**
 * Into its host's own root, so that forms see the field and labels name it.
 * `change`: `value` is a new `HH:MM` or "".
 */
@customElement("tk-time")
export class TimeField extends LitElement {
  @property() name = "";
  @property() value = "";
  @query("input") private text!: HTMLInputElement;

  protected override createRenderRoot(): this {
    return this;
  }

  private typed(event: Event): void {
    event.stopPropagation();
    const time = readTime(this.text.value);
    this.text.setCustomValidity(time === null ? t("time.bad", { example: EXAMPLE }) : "");
    if (time !== null) this.take(time);
    this.text.reportValidity();
  }

  private chosen(event: Event): void {
    event.stopPropagation();
    this.text.setCustomValidity("");
    this.take((event.currentTarget as HTMLSelectElement).value);
  }

  private take(time: string): void {
    this.text.value = time;
    this.value = time;
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  override render(): TemplateResult {
    const known = this.value === "" || OFFERED.includes(this.value);
    const offered = known ? OFFERED : [...OFFERED, this.value].sort();
    return html`<span class="time">
      <input
        type="text"
        name=${this.name}
        .value=${this.value}
        autocomplete="off"
        placeholder=${t("time.example")}
        @input=${() => this.text.setCustomValidity("")}
        @change=${this.typed}
      />
      <span class="list">
        ${icon("clock")}
        <select aria-label=${t("time.choose")} title=${t("time.choose")} @change=${this.chosen}>
          <option value="" .selected=${this.value === ""}>${t("time.none")}</option>
          ${offered.map((each) => html`<option .selected=${each === this.value}>${each}</option>`)}
        </select>
      </span>
    </span>`;
  }
}
