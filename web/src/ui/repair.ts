import { html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";

@customElement("tk-repair")
export class Repair extends LitElement {
  override render() {
    return html``;
  }
}
