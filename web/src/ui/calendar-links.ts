import { html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";

@customElement("tk-calendar-links")
export class CalendarLinks extends LitElement {
  override render() {
    return html``;
  }
}
