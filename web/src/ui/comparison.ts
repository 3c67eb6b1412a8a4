// What differs between two editions, counted and listed.

import { html, nothing, type TemplateResult } from "lit";
import type { Comparison, Difference } from "../client/editions";
import { pick, t } from "../client/i18n";

const MOST = 100;
const SHORT = 12;

export const isSame = ({ moved, added, removed }: Comparison): boolean =>
  moved.length + added.length + removed.length === 0;

export function renderSums({ moved, added, removed, same }: Comparison): TemplateResult {
  return html`<div class="sums">
    <div><strong>${moved.length}</strong>${t("compare.moved")}</div>
    <div><strong>${added.length}</strong>${t("compare.added")}</div>
    <div><strong>${removed.length}</strong>${t("compare.removed")}</div>
    <div><strong>${same}</strong>${t("compare.same")}</div>
  </div>`;
}

export function renderDifferences({ moved, added, removed }: Comparison): TemplateResult {
  return html`${renderList(t("compare.moved"), moved)} ${renderList(t("compare.added"), added)}
  ${renderList(t("compare.removed"), removed)}`;
}

function renderList(title: string, all: Difference[]): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<details ?open=${all.length <= SHORT}>
    <summary>${title} · ${all.length}</summary>
    <ul class="list">
      ${all.slice(0, MOST).map((each) => html`<li>${pick(each)}</li>`)}
      ${all.length > MOST ? html`<li>${t("cell.more", { n: all.length - MOST })}</li>` : nothing}
    </ul>
  </details>`;
}
