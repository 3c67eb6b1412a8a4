// How it goes, for whoever makes a timetable for the first time; gone for good once read.

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { t } from "../client/i18n";
import { shared } from "./style";

const SEEN = "tongke.timetable.hint";

@customElement("tk-first-hint")
export class FirstHint extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        padding: 8px 14px;
        border-left: 4px solid var(--accent);
        border-radius: 0 var(--radius) var(--radius) 0;
        background: color-mix(in srgb, var(--accent) 9%, var(--panel));
      }
      button {
        flex: none;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.hidden = localStorage.getItem(SEEN) !== null;
  }

  private read(): void {
    localStorage.setItem(SEEN, "1");
    this.hidden = true;
  }

  override render(): TemplateResult {
    return html`<span>${t("desk.hint")}</span> <button @click=${this.read}>${t("notice.ok")}</button>`;
  }
}
