// An address that is told once, with a button that takes it along.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { t } from "../client/i18n";
import { icon } from "./icons";
import { shared } from "./style";

@customElement("tk-copy-address")
export class CopyAddress extends LitElement {
  @property() address = "";
  @property() label = "";
  @state() private copied = "";
  @state() private byHand = false;
  @query("input") private input!: HTMLInputElement;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 6px;
      }
      div {
        display: flex;
        gap: 8px;
      }
      input {
        flex: 1;
        min-width: 0;
        font-family: ui-monospace, monospace;
        font-size: 0.85rem;
      }
    `,
  ];

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.address);
      this.copied = this.address;
      this.byHand = false;
    } catch {
      // Without a secure address there is no clipboard: the text is chosen for a hand.
      this.input.select();
      this.byHand = true;
    }
  }

  override render(): TemplateResult {
    const copied = this.copied === this.address;
    return html`<div>
        <input id="address" readonly aria-label=${this.label} .value=${this.address} />
        <button id="copy-link" @click=${() => void this.copy()}>
          ${icon(copied ? "check" : "copy")}${t(copied ? "link.copied" : "link.copy")}
        </button>
      </div>
      ${this.byHand ? html`<p role="alert">${t("link.by_hand")}</p>` : nothing}`;
  }
}
