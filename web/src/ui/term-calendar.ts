import { html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";

@customElement("tk-term-calendar")
export class TermCalendar extends LitElement {
  override render() {
    return html``;
  }
}
