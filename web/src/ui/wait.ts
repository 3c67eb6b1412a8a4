// A wait with an end: says what is being waited for, and after its deadline says
// what to do instead.

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { t } from "../client/i18n";
import { shared } from "./style";

@customElement("tk-wait")
export class Wait extends LitElement {
  @property() message = "";
  /** Said once `seconds` have passed. */
  @property() late = "";
  @property({ type: Number }) seconds = 10;
  @state() private isLate = false;
  private timer = 0;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 16px;
        justify-items: start;
        padding: 24px 0;
        font-size: 1.15em;
      }
      p {
        max-width: 36em;
      }
      .dots::after {
        content: "";
        display: inline-block;
        width: 1.5em;
        animation: dots 1.5s steps(4) infinite;
        overflow: hidden;
        vertical-align: bottom;
      }
      @keyframes dots {
        0% {
          content: "";
        }
        25% {
          content: "·";
        }
        50% {
          content: "··";
        }
        75% {
          content: "···";
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.restart();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.timer);
  }

  private restart(): void {
    this.isLate = false;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.isLate = true;
    }, this.seconds * 1000);
  }

  private again(): void {
    this.restart();
    this.dispatchEvent(new CustomEvent("again"));
  }

  override render(): TemplateResult {
    if (!this.isLate) return html`<p class="dots" role="status">${this.message}</p>`;
    return html`<p role="alert">${this.late || t("wait.late")}</p>
      <button class="primary" @click=${this.again}>${t("wait.again")}</button>`;
  }
}
