// Whole files in and out: templates, a check before anything is written, exports, files
// of class boards, and calendar addresses to subscribe to.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { t } from "../client/i18n";
import { importFiles, type Outcome, outcomeOf, type Part, PARTS } from "../client/importing";
import "./calendar-links";
import "./class-boards";
import { deskStyle } from "./desk-style";
import { fileButton, fileStyle } from "./file-button";
import { icon } from "./icons";
import type { ImportOutcome } from "./import-outcome";
import "./import-outcome";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import { SIDES } from "./who";

const TABLES = ".xlsx,.csv,.toml,.zip";

@customElement("tk-exchange")
export class Exchange extends LitElement {
  @property({ type: Boolean }) fixed = false;
  @property() term = "";
  @property() edition = "";
  @state() private sort: Part | null = null;
  @state() private files: File[] = [];
  @state() private outcome: Outcome | null = null;
  @state() private busy = false;
  @query("tk-import-outcome") private shown!: ImportOutcome;
  private imports = 0;

  static override styles = [
    shared,
    deskStyle,
    panelStyle,
    fileStyle,
    css`
      :host {
        min-height: 0;
        gap: 18px;
      }
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
        gap: 18px;
        align-items: start;
      }
      .card {
        display: grid;
        gap: 12px;
        align-content: start;
        min-width: 0;
      }
    `,
  ];

  private choose(part: Part, files: File[]): void {
    this.sort = part;
    this.files = files;
    void this.send(true);
  }

  /** First a check that writes nothing; then, when a person agrees, the import. */
  private async send(check: boolean): Promise<void> {
    if (this.files.length === 0 || this.sort === null) return;
    this.busy = true;
    this.outcome = await outcomeOf(importFiles(this.sort, this.files, check));
    this.busy = false;
    await this.updateComplete;
    await this.shown.show();
    if (this.outcome.is === "report" && this.outcome.report.written) this.imported();
  }

  private readonly imported = (): void => {
    this.imports++;
    this.dispatchEvent(new CustomEvent("imported"));
  };

  override render(): TemplateResult {
    return html`${this.fixed
        ? nothing
        : html`<div class="two">${PARTS.map((part) => this.renderPart(part))}</div>
            ${this.renderOutcome()}`}
      <div class="two">
        ${this.renderExports()}
        <tk-class-boards
          class="card"
          ?fixed=${this.fixed}
          term=${this.term}
          @imported=${() => this.dispatchEvent(new CustomEvent("imported"))}
        ></tk-class-boards>
        ${this.fixed
          ? nothing
          : keyed(this.imports, html`<tk-calendar-links class="card"></tk-calendar-links>`)}
      </div>`;
  }

  private renderPart(part: Part): TemplateResult {
    return html`<section class="card">
      <h2>${t(`files.${part}`)}</h2>
      <p class="soft">${t(`files.${part}_says`)}</p>
      <div class="deeds">
        <a class="button" href=${`/api/v1/templates/${part}.xlsx`} download>${icon("download")}${t("files.template")}</a>
        ${fileButton(
          { id: `upload-${part}`, says: t("files.choose"), accept: TABLES, multiple: true, busy: this.busy },
          (files) => this.choose(part, files),
        )}
      </div>
      <p class="soft">${t("files.choose_says")}</p>
    </section>`;
  }

  private renderOutcome(): TemplateResult {
    const names = this.files.map((each) => each.name).join(t("list.and"));
    return html`${names === "" ? nothing : html`<p>${t("files.chosen", { names })}</p>`}
      <tk-import-outcome
        ?busy=${this.busy}
        .outcome=${this.outcome}
        @agreed=${() => void this.send(false)}
        @again=${() => void this.send(true)}
      ></tk-import-outcome>`;
  }

  private renderExports(): TemplateResult {
    const link = (href: string, name: string): TemplateResult =>
      html`<a class="button" href=${href} download>${icon("download")}${name}</a>`;
    const week = `/api/v1/editions/${encodeURIComponent(this.edition)}/export.xlsx`;
    return html`<section class="card">
      <h2>${t("files.exports")}</h2>
      <p class="soft">${t("files.exports_say")}</p>
      ${PARTS.map(
        (part) =>
          html`<div class="deeds">
            ${link(`/api/v1/export/${part}.xlsx`, t(`files.export_${part}`))}
            ${link(`/api/v1/export/${part}.zip`, t("files.export_csv"))}
          </div>`,
      )}
      ${this.edition === ""
        ? nothing
        : html`<p>${t("files.week_by")}</p>
            <div class="deeds" id="week-files">
              ${SIDES.map((side) => link(`${week}?by=${side}`, t(`side.${side}`)))}
            </div>`}
    </section>`;
  }
}
