// Whole files in and out: templates, a check before anything is written, every faulty
// cell in a table, exports, and calendar addresses to subscribe to.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { ApiError, say, upload } from "../client/api";
import { pick, t, word } from "../client/i18n";
import "./calendar-links";
import { deskStyle } from "./desk-style";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import { SIDES } from "./who";

type Part = "organisation" | "timetable";
const PARTS: Part[] = ["organisation", "timetable"];
const MOST = 200;

interface Fault {
  file: string;
  sheet: string;
  line: number | null;
  column: string;
  field: string;
  value: string;
  zh: string;
  en: string;
}

interface Report {
  sheets: Record<string, { added: number; changed: number; unchanged: number }>;
  written: boolean;
}

@customElement("tk-exchange")
export class Exchange extends LitElement {
  @property({ type: Boolean }) fixed = false;
  @property() term = "";
  @property() edition = "";
  @state() private sort: Part | null = null;
  @state() private files: File[] = [];
  @state() private report: Report | null = null;
  @state() private faults: Fault[] = [];
  @state() private trouble = "";
  @state() private busy = false;
  private imports = 0;

  static override styles = [
    shared,
    deskStyle,
    panelStyle,
    css`
      :host {
        min-height: 0;
        gap: 18px;
      }
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
        gap: 18px;
      }
      .card {
        display: grid;
        gap: 12px;
        align-content: start;
      }
      input[type="file"] {
        padding: 9px;
        width: 100%;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        background: var(--panel);
        font-size: 0.92rem;
      }
      th,
      td {
        padding: 8px 10px;
        border: 1px solid var(--edge);
        text-align: left;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
    `,
  ];

  private choose(part: Part, event: Event): void {
    this.sort = part;
    this.files = [...((event.currentTarget as HTMLInputElement).files ?? [])];
    this.report = null;
    void this.send(true);
  }

  /** First a check that writes nothing; then, when a person agrees, the import. */
  private async send(check: boolean): Promise<void> {
    if (this.files.length === 0 || this.sort === null) return;
    this.busy = true;
    this.trouble = "";
    this.faults = [];
    try {
      this.report = await upload<Report>(`/api/v1/import/${this.sort}${check ? "?check=true" : ""}`, this.files);
      if (this.report.written) {
        this.imports++;
        this.dispatchEvent(new CustomEvent("imported"));
      }
    } catch (error) {
      this.report = null;
      this.trouble = say(error);
      if (error instanceof ApiError) this.faults = (error.more["faults"] as Fault[] | undefined) ?? [];
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    return html`${this.fixed
        ? nothing
        : html`<div class="two">${PARTS.map((part) => this.renderPart(part))}</div>
            ${this.renderOutcome()}`}
      <div class="two">
        ${this.renderExports()}
        ${keyed(
          this.imports,
          html`<tk-calendar-links class="card" ?fixed=${this.fixed} term=${this.term}></tk-calendar-links>`,
        )}
      </div>`;
  }

  private renderPart(part: Part): TemplateResult {
    return html`<section class="card">
      <h2>${t(`files.${part}`)}</h2>
      <p class="soft">${t(`files.${part}_says`)}</p>
      <p>
        <a class="button" href=${`/api/v1/templates/${part}.xlsx`} download>${icon("download")}${t("files.template")}</a>
      </p>
      <label class="field"
        >${t("files.choose")}
        <input
          type="file"
          id=${`upload-${part}`}
          multiple
          accept=".xlsx,.csv,.toml,.zip"
          ?disabled=${this.busy}
          @change=${(event: Event) => this.choose(part, event)}
      /></label>
    </section>`;
  }

  private renderOutcome(): TemplateResult | typeof nothing {
    if (this.busy) return html`<p class="note" role="status">${t("files.reading")}</p>`;
    if (this.trouble !== "") {
      return html`<p class="note bad" role="alert">${this.trouble}</p>
        ${this.faults.length === 0 ? nothing : this.renderFaults()}`;
    }
    return this.report === null ? nothing : this.renderReport(this.report);
  }

  private renderFaults(): TemplateResult {
    return html`<div class="scroll">
      <table id="faults">
        <thead>
          <tr>
            <th>${t("fault.where")}</th>
            <th>${t("fault.row")}</th>
            <th>${t("fault.column")}</th>
            <th>${t("fault.value")}</th>
            <th>${t("fault.remedy")}</th>
          </tr>
        </thead>
        <tbody>
          ${this.faults.slice(0, MOST).map(
            (each) =>
              html`<tr>
                <td>${[each.file, each.sheet].filter(Boolean).join(" · ")}</td>
                <td>${each.line ?? ""}</td>
                <td>${[each.column, each.field].filter(Boolean).join(" ")}</td>
                <td>${each.value}</td>
                <td>${pick(each)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${this.faults.length > MOST ? html`<p>${t("cell.more", { n: this.faults.length - MOST })}</p>` : nothing}
    </div>`;
  }

  private renderReport({ sheets, written }: Report): TemplateResult {
    return html`<div class="note ${written ? "good" : "warn"}" role="status" id="report">
        <p>${t(written ? "files.written" : "files.checked")}</p>
        ${written
          ? nothing
          : html`<p>
              <button class="primary" id="write" @click=${() => void this.send(false)}>${t("files.write")}</button>
            </p>`}
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>${t("files.sheet")}</th>
              <th>${t("files.added")}</th>
              <th>${t("files.changed")}</th>
              <th>${t("files.unchanged")}</th>
            </tr>
          </thead>
          <tbody>
            ${Object.entries(sheets).map(
              ([name, { added, changed, unchanged }]) =>
                html`<tr>
                  <td>${word("kind", name)}</td>
                  <td>${added}</td>
                  <td>${changed}</td>
                  <td>${unchanged}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
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
