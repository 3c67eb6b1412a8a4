// The wall of tiles: as large as the window allows, never jumping, scrolling only
// when the tiles would become too small for their buttons.

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { bestColumns } from "../client/grid";

const FOOT_PX = 68;
const GAP_PX = 14;
/** Name and two buttons side by side need so much. */
const LEAST_PX = 340;

@customElement("tk-wall")
export class Wall extends LitElement {
  @property({ type: Number }) count = 0;
  private readonly watcher = new ResizeObserver(() => this.arrange());

  static override styles = css`
    :host {
      display: block;
      overflow: auto;
      min-height: 0;
      padding: 3px;
    }
    .wall {
      display: grid;
      grid-template-columns: repeat(var(--columns, 1), var(--tile, 1fr));
      gap: 14px;
      justify-content: center;
      align-content: center;
      min-height: 100%;
    }
    @media (max-width: 900px) {
      :host {
        overflow: visible;
      }
      .wall {
        align-content: start;
      }
    }
  `;

  override connectedCallback(): void {
    super.connectedCallback();
    this.watcher.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.watcher.disconnect();
  }

  protected override updated(): void {
    this.arrange();
  }

  private arrange(): void {
    const width = this.clientWidth - 6;
    const narrow = matchMedia("(max-width: 900px)").matches;
    const height = narrow ? Number.MAX_SAFE_INTEGER : this.clientHeight - 6;
    const most = Math.max(1, Math.floor((width + GAP_PX) / (LEAST_PX + GAP_PX)));
    const count = narrow ? 1 : this.count;
    const best = bestColumns(count, width, height, FOOT_PX, GAP_PX);
    const fits = best.columns <= most && best.tileWidth >= Math.min(LEAST_PX, width);
    const columns = narrow || !fits ? most : best.columns;
    const tile = fits && !narrow ? best.tileWidth : (width - GAP_PX * (columns - 1)) / columns;
    this.style.setProperty("--columns", String(columns));
    this.style.setProperty("--tile", `${Math.floor(tile)}px`);
  }

  override render(): TemplateResult {
    return html`<div class="wall"><slot></slot></div>`;
  }
}
