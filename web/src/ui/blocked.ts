// A lesson was dropped where something is in the way: who, for how long, and what then.

import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { t } from "../client/i18n";
import { type Cell, reasons } from "../client/whynot";
import { dialogStyle } from "./dialogs";
import { shared } from "./style";

@customElement("tk-blocked")
export class Blocked extends LitElement {
  /** Where it was dropped; null: nothing to ask. */
  @property({ attribute: false }) cell: Cell | null = null;
  @query("dialog") private dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    dialogStyle,
    css`
      ul {
        display: grid;
        gap: 8px;
        margin-bottom: 12px;
      }
      li {
        padding-left: 12px;
        border-left: 4px solid var(--bad);
      }
    `,
  ];

  protected override updated(was: PropertyValues<this>): void {
    if (!was.has("cell")) return;
    if (this.cell !== null) this.dialog.showModal();
    else if (this.dialog.open) this.dialog.close();
  }

  private say(name: "force" | "put-back"): void {
    if (this.cell !== null) this.dispatchEvent(new CustomEvent(name));
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="heading" @close=${() => this.say("put-back")}>
      <h2 id="heading">${t("blocked.title")}</h2>
      <ul>
        ${reasons(this.cell?.blockers ?? []).map((each) => html`<li>${each}</li>`)}
      </ul>
      <p class="soft">${t("blocked.text")}</p>
      <div class="row">
        <button autofocus id="cancel" @click=${() => this.say("put-back")}>${t("carry.put_back")}</button>
        <button class="danger" id="force" @click=${() => this.say("force")}>${t("blocked.force")}</button>
      </div>
    </dialog>`;
  }
}
