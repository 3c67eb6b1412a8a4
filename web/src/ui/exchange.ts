import { html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";

@customElement("tk-exchange")
export class Exchange extends LitElement {
  override render() {
    return html``;
  }
}
