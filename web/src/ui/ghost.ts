import { html, nothing, type TemplateResult } from "lit";

import type { BoardIndex } from "../client/board";
import type { Carry } from "../client/carry";
import { icon } from "./icons";
import { place, px } from "./place";

/** The lesson under the pointer while it is dragged. */
export function ghost(carry: Carry, index: BoardIndex): TemplateResult | typeof nothing {
  if (carry.is !== "carried" || !carry.dragging || carry.at === null) return nothing;
  const cell = carry.cells?.[carry.over];
  const tone = cell === undefined ? "" : cell.mine ? "own" : cell.blockers.length > 0 ? "blocked" : "free";
  const mark = tone === "blocked" ? "cross" : tone === "free" ? "check" : "move";
  return html`<div class="ghost ${tone}" ${place({ left: px(carry.at.x), top: px(carry.at.y) })}>
    ${icon(mark)} ${index.courses.get(carry.hold.course)?.name}
  </div>`;
}
