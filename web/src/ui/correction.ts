// For librarians: what the timetable filled in can be corrected, and everybody's
// corrections are on record.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { say } from "../client/api";
import { clockTime, dateName, t } from "../client/i18n";
import {
  type Change,
  changesOf,
  correct,
  type Correctable,
  correction,
  FIELDS,
  type Resource,
} from "../client/library";
import { deskStyle } from "./desk-style";
import { icon } from "./icons";
import { shared } from "./style";

@customElement("tk-correction")
export class CorrectionForm extends LitElement {
  @property({ attribute: false }) detail!: Resource;
  @state() private open = false;
  @state() private sending = false;
  @state() private words = "";
  @state() private changes: Change[] = [];

  static override styles = [
    shared,
    deskStyle,
    css`
      :host {
        min-height: 0;
        background: none;
      }
      form {
        display: grid;
        gap: 12px;
        margin-top: 14px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr));
        gap: 12px;
      }
      label {
        display: grid;
        gap: 2px;
        font-size: 0.9rem;
        color: var(--text-soft);
      }
      label.wide {
        grid-column: 1 / -1;
      }
      input,
      textarea {
        width: 100%;
        color: var(--text);
        font: inherit;
        font-size: 1rem;
      }
      textarea {
        min-height: 6rem;
        padding: 0.5em 0.75em;
        border: 1px solid var(--text-soft);
        border-radius: var(--radius);
        background: var(--panel);
        resize: vertical;
      }
      .deeds {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
        align-items: center;
      }
      ol {
        display: grid;
        gap: 8px;
        margin-top: 16px;
      }
      li {
        overflow-wrap: anywhere;
        border-top: 1px solid var(--edge);
        padding-top: 8px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.loadChanges();
  }

  private async loadChanges(): Promise<void> {
    try {
      this.changes = await changesOf(this.detail.id);
    } catch (error) {
      this.words = say(error);
    }
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const wanted = correction(this.detail, (name) => String(form.get(name) ?? ""));
    if (Object.keys(wanted).length === 0) {
      this.words = t("correct.nothing");
      return;
    }
    this.sending = true;
    try {
      const corrected = await correct(this.detail.id, wanted);
      this.words = t("correct.done");
      this.open = false;
      this.dispatchEvent(new CustomEvent<Resource>("corrected", { detail: corrected }));
      await this.loadChanges();
    } catch (error) {
      this.words = say(error);
    } finally {
      this.sending = false;
    }
  }

  override render(): TemplateResult {
    return html`<div class="card">
      <div class="deeds">
        <button
          id="correct"
          aria-expanded=${this.open}
          @click=${() => {
            this.open = !this.open;
            this.words = "";
          }}
        >
          ${icon("pencil")}${t(this.open ? "correct.close" : "correct.open")}
        </button>
        <span role="status">${this.words}</span>
      </div>
      ${this.open ? this.renderForm() : nothing} ${this.renderChanges()}
    </div>`;
  }

  private renderForm(): TemplateResult {
    return html`<form @submit=${this.send}>
      <div class="fields">${FIELDS.map((each) => this.renderField(each))}</div>
      <div class="deeds">
        <button class="primary" ?disabled=${this.sending}>${t("correct.save")}</button>
      </div>
    </form>`;
  }

  private renderField({ name, most, wide }: Correctable): TemplateResult {
    const value = String(this.detail[name] ?? "");
    const number = name === "week" || name === "class_hour";
    return html`<label class=${wide === true ? "wide" : ""}>
      ${t(`field.${name}`)}
      ${name === "summary"
        ? html`<textarea name=${name} maxlength=${most} .value=${value}></textarea>`
        : html`<input
            name=${name}
            type=${number ? "number" : "text"}
            min=${number ? 0 : nothing}
            max=${number ? most : nothing}
            maxlength=${number ? nothing : most}
            ?required=${name === "title"}
            .value=${value}
          />`}
    </label>`;
  }

  private renderChanges(): TemplateResult | typeof nothing {
    if (this.changes.length === 0) return nothing;
    return html`<ol aria-label=${t("correct.changes")}>
      ${this.changes.map(
        ({ at, who, field, old, new: now }) => html`<li>
          <span class="soft">${dateName(at)} ${clockTime(at)} · ${who}</span><br />
          ${t("correct.change", {
            field: nameOf(field),
            old: old || t("correct.empty"),
            now: now || t("correct.empty"),
          })}
        </li>`,
      )}
    </ol>`;
  }
}

function nameOf(field: string): string {
  const known = FIELDS.find((each) => each.name === field);
  return known === undefined ? field : t(`field.${known.name}`);
}
