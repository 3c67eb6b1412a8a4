// A day, written year first and read in every way people write one. The browser's own
// field shows the order of the browser's language: 11/05 is then a riddle.

import { html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { readDay } from "../client/day-text";
import { t } from "../client/i18n";
import { icon } from "./icons";

const EXAMPLE = "2026-11-22";

/**
 * Into its host's own root, so that forms see the field and labels name it.
 * `change`: `value` is a new ISO day or "".
 */
@customElement("tk-date")
export class DateField extends LitElement {
  @property() name = "";
  @property() value = "";
  @property() min = "";
  @property() max = "";
  @property({ type: Boolean }) required = false;
  @query("input[type=text]") private text!: HTMLInputElement;
  @query("input[type=date]") private calendar!: HTMLInputElement;

  protected override createRenderRoot(): this {
    return this;
  }

  private typed(): void {
    const day = readDay(this.text.value, new Date().getFullYear());
    this.text.setCustomValidity(this.complaint(day));
    if (day !== null) this.take(day);
    this.text.reportValidity();
  }

  private complaint(day: string | null): string {
    if (day === null) return t("date.bad", { example: EXAMPLE });
    const early = day !== "" && this.min !== "" && day < this.min;
    const late = day !== "" && this.max !== "" && day > this.max;
    return early || late ? t("date.outside", { min: this.min, max: this.max }) : "";
  }

  private picked(): void {
    this.text.setCustomValidity("");
    this.take(this.calendar.value);
  }

  private take(day: string): void {
    this.text.value = day;
    this.value = day;
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  override render(): TemplateResult {
    return html`<span class="date">
      <input
        type="text"
        name=${this.name}
        .value=${this.value}
        ?required=${this.required}
        autocomplete="off"
        placeholder=${t("date.example")}
        @input=${() => this.text.setCustomValidity("")}
        @change=${(event: Event) => {
          event.stopPropagation();
          this.typed();
        }}
      />
      <button
        type="button"
        aria-label=${t("date.choose")}
        title=${t("date.choose")}
        @click=${() => this.calendar.showPicker()}
      >
        ${icon("calendar")}
      </button>
      <input
        type="date"
        tabindex="-1"
        aria-hidden="true"
        .value=${this.value}
        min=${this.min}
        max=${this.max}
        @change=${(event: Event) => {
          event.stopPropagation();
          this.picked();
        }}
      />
    </span>`;
  }
}
