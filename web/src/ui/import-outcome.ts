// What a file would do or did: what is wrong with it first, then what is odd, then how
// many rows are new. Long lists begin with fifty and can be taken along as a table.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { saveText } from "../client/download";
import { pick, t, word } from "../client/i18n";
import {
  csvOf,
  type Fault,
  faultCells,
  FIRST,
  isIdle,
  type Outcome,
  type Report,
  totalOf,
  type Warning,
  warningCells,
} from "../client/importing";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import { tableStyle } from "./table-style";

/** Read at a glance; more than these are worth a file. */
const FEW = 5;
const CSV = "text/csv;charset=utf-8";

@customElement("tk-import-outcome")
export class ImportOutcome extends LitElement {
  @property({ attribute: false }) outcome: Outcome | null = null;
  @property({ type: Boolean }) busy = false;

  static override styles = [
    shared,
    panelStyle,
    tableStyle,
    css`
      :host {
        container-type: inline-size;
      }
      #report button {
        margin-top: 10px;
      }
      .sums {
        grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr));
      }
    `,
  ];

  /** On a phone it may be below what is seen. */
  async show(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector(".note")?.scrollIntoView({ block: "center" });
  }

  private tell(name: "agreed" | "again"): void {
    this.dispatchEvent(new CustomEvent(name));
  }

  override render(): TemplateResult | typeof nothing {
    if (this.busy) return html`<p class="note" role="status">${t("files.reading")}</p>`;
    const { outcome } = this;
    if (outcome === null) return nothing;
    return outcome.is === "report" ? this.renderReport(outcome.report) : this.renderRefused(outcome);
  }

  // --- refused ---------------------------------------------------------------------

  private renderRefused({ trouble, faults }: Outcome & { is: "refused" }): TemplateResult {
    if (faults.length === 0) {
      return html`<p class="note bad" role="alert">${trouble}</p>
        <p><button @click=${() => this.tell("again")}>${t("wait.again")}</button></p>`;
    }
    return html`<p class="note bad" role="alert">${trouble}</p>
      ${faults.length > FEW
        ? this.renderTake(t("fault.take", { n: faults.length }), () => this.takeFaults(faults))
        : nothing}
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
          ${faults.slice(0, FIRST).map(
            (each) =>
              html`<tr>
                ${cell(t("fault.where"), [each.file, each.sheet].filter(Boolean).join(" · "))}
                ${cell(t("fault.row"), each.line ?? "")}
                ${cell(t("fault.column"), [each.column, each.field].filter(Boolean).join(" "))}
                ${cell(t("fault.value"), each.value)}
                ${cell(t("fault.remedy"), pick(each))}
              </tr>`,
          )}
        </tbody>
      </table>
      ${renderMore(faults.length)}`;
  }

  private takeFaults(faults: Fault[]): void {
    const place = [t("fault.file"), t("files.sheet"), t("fault.row"), t("fault.column"), t("fault.heading")];
    const headings = [...place, t("fault.value"), t("fault.remedy")];
    saveText(t("fault.list_name"), csvOf(headings, faults.map(faultCells)), CSV);
  }

  // --- a report ----------------------------------------------------------------------

  private renderReport(report: Report): TemplateResult {
    const idle = !report.written && isIdle(report);
    const says = idle ? "files.same" : report.written ? "files.written" : "files.checked";
    return html`<div class="note ${report.written || idle ? "good" : "warn"}" role="status" id="report">
        <p>${t(says)}</p>
        ${report.warnings_count === 0 ? nothing : html`<p>${t("files.odd", { n: report.warnings_count })}</p>`}
        ${report.written || idle
          ? nothing
          : html`<p>
              <button class="primary" id="write" @click=${() => this.tell("agreed")}>${t("files.write")}</button>
            </p>`}
      </div>
      ${this.renderSums(report)} ${this.renderWarnings(report)} ${renderSheets(report)}`;
  }

  private renderSums(report: Report): TemplateResult {
    const { added, changed, unchanged } = totalOf(report);
    const sum = (value: number, name: string): TemplateResult =>
      html`<div><strong>${value}</strong>${name}</div>`;
    return html`<div class="sums" id="sums">
      ${sum(added, t("files.added"))} ${sum(changed, t("files.changed"))}
      ${report.removed === undefined ? nothing : sum(report.removed, t("files.removed"))}
      ${sum(unchanged, t("files.unchanged"))}
    </div>`;
  }

  private renderWarnings({ warnings, warnings_count }: Report): TemplateResult | typeof nothing {
    if (warnings_count === 0) return nothing;
    return html`<h3>${t("files.warnings", { n: warnings_count })}</h3>
      ${warnings_count > FEW
        ? this.renderTake(t("files.take_warnings"), () => this.takeWarnings(warnings))
        : nothing}
      <table id="warnings">
        <thead>
          <tr>
            <th>${t("fault.where")}</th>
            <th>${t("fault.row")}</th>
            <th>${t("files.which")}</th>
            <th>${t("fault.remedy")}</th>
          </tr>
        </thead>
        <tbody>
          ${warnings.slice(0, FIRST).map(
            (each) =>
              html`<tr>
                ${cell(t("fault.where"), [each.file, each.sheet].filter(Boolean).join(" · ") || t("files.there"))}
                ${cell(t("fault.row"), each.line ?? "")}
                ${cell(t("files.which"), `${word("kind", each.kind)} ${each.key}`)}
                ${cell(t("fault.remedy"), pick(each))}
              </tr>`,
          )}
        </tbody>
      </table>
      ${renderMore(warnings_count)}`;
  }

  private takeWarnings(warnings: Warning[]): void {
    const place = [t("fault.file"), t("files.sheet"), t("fault.row")];
    const headings = [...place, t("files.kind"), t("files.which"), t("fault.remedy")];
    saveText(t("files.warnings_file"), csvOf(headings, warnings.map(warningCells)), CSV);
  }

  private renderTake(says: string, take: () => void): TemplateResult {
    return html`<p><button class="take" @click=${take}>${icon("download")}${says}</button></p>`;
  }
}

function cell(label: string, value: string | number): TemplateResult {
  return html`<td data-label=${label}>${value}</td>`;
}

function renderMore(count: number): TemplateResult | typeof nothing {
  return count > FIRST ? html`<p class="more">${t("files.more", { first: FIRST, n: count - FIRST })}</p>` : nothing;
}

function renderSheets({ sheets }: Report): TemplateResult {
  return html`<table id="sheets" class="figures">
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
  </table>`;
}
