// How whole a recording is, in words and a colour.

import { html, type TemplateResult } from "lit";
import { t } from "../client/i18n";
import { judgeWhole, type Resource } from "../client/library";

const TONES = { whole: "good", nearly: "good", gaps: "warn", broken: "bad" } as const;

export function wholeMark(resource: Pick<Resource, "state" | "completeness">): TemplateResult {
  if (resource.state !== "ready") {
    return html`<span class="state warn">${t(`rec_state.${resource.state}`)}</span>`;
  }
  const whole = judgeWhole(resource.completeness);
  const percent = (Math.floor(resource.completeness * 1000) / 10).toFixed(1);
  return html`<span class="state ${TONES[whole]}">${t(`whole.${whole}`, { percent })}</span>`;
}
