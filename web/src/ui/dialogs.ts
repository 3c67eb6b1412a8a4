// Two overlays: the list of keys, and a question before something that cannot be
// taken back.

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { t } from "../client/i18n";
import { SHORTCUTS } from "../client/shortcuts";
import { shared } from "./style";

export const dialogStyle = css`
  dialog {
    max-width: min(92vw, 34rem);
    padding: 24px 28px;
    border: 1px solid var(--edge);
    border-radius: 16px;
    background: var(--panel);
    color: var(--text);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 60%);
  }
  h2 {
    margin-bottom: 12px;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 12px;
    margin-top: 24px;
  }
  dl {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 10px 16px;
    align-items: center;
  }
  kbd {
    display: inline-grid;
    place-items: center;
    min-width: 2.4em;
    min-height: 2em;
    padding: 0 0.5em;
    border: 1px solid var(--text-soft);
    border-radius: 8px;
    font: inherit;
    font-weight: 650;
  }
`;

@customElement("tk-help")
export class Help extends LitElement {
  @query("dialog") private dialog!: HTMLDialogElement;

  static override styles = [shared, dialogStyle];

  get isOpen(): boolean {
    return this.dialog.open;
  }

  toggle(): void {
    if (this.dialog.open) this.dialog.close();
    else this.dialog.showModal();
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title">
      <h2 id="title">${t("help.title")}</h2>
      <dl>
        <dt><kbd>1</kbd>–<kbd>9</kbd></dt>
        <dd>${t("key.room")}</dd>
        ${SHORTCUTS.map(
          ({ key, says }) =>
            html`<dt><kbd>${key.toUpperCase()}</kbd></dt>
              <dd>${t(says)}</dd>`,
        )}
      </dl>
      <div class="row">
        <button class="primary" @click=${this.toggle}>${t("help.close")}</button>
      </div>
    </dialog>`;
  }
}

@customElement("tk-confirm")
export class Confirm extends LitElement {
  @property() heading = "";
  @property() text = "";
  @property() yes = "";
  /** What the way back is called. */
  @property() no = t("confirm.no");
  /** What is asked can be taken back later. */
  @property({ type: Boolean }) mild = false;
  @query("dialog") private dialog!: HTMLDialogElement;

  static override styles = [shared, dialogStyle];

  get isOpen(): boolean {
    return this.dialog.open;
  }

  open(): void {
    this.dialog.showModal();
  }

  private confirm(): void {
    this.dialog.close();
    this.dispatchEvent(new CustomEvent("confirmed"));
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title">
      <h2 id="title">${this.heading}</h2>
      <p>${this.text}</p>
      <div class="row">
        <button autofocus @click=${() => this.dialog.close()}>${this.no}</button>
        <button class=${this.mild ? "primary" : "danger"} id="yes" @click=${this.confirm}>${this.yes}</button>
      </div>
    </dialog>`;
  }
}
