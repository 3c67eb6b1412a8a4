// One teaching point on the teacher's console: picture, name, what it is doing, and
// the two things a teacher does to it.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { t } from "../client/i18n";
import type { TileFacts } from "../client/tiles";
import type { ParticipantState } from "../client/wire";
import { icon } from "./icons";
import { shared } from "./style";
import "./video";

@customElement("tk-tile")
export class Tile extends LitElement {
  @property({ attribute: false }) facts!: TileFacts;
  @property({ type: Boolean }) control = false;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-width: 0;
        min-height: 0;
      }
      article {
        display: grid;
        container-type: inline-size;
        grid-template-rows: auto auto;
        border: 2px solid var(--edge);
        border-radius: var(--radius);
        background: var(--panel);
        overflow: hidden;
      }
      article.hand {
        border-color: var(--hand);
      }
      article.stage {
        border-color: var(--stage);
        box-shadow: 0 0 0 2px var(--stage);
      }
      .picture {
        position: relative;
        aspect-ratio: 16 / 9;
        display: grid;
      }
      .marks {
        position: absolute;
        top: 8px;
        left: 8px;
        right: 8px;
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        pointer-events: none;
      }
      .mark {
        display: inline-flex;
        align-items: center;
        gap: 0.3em;
        padding: 2px 10px;
        border-radius: 999px;
        background: rgb(5 11 9 / 82%);
        font-size: 0.9rem;
        font-weight: 600;
      }
      .mark.stage {
        background: var(--stage);
        color: var(--on-stage);
      }
      .mark.hand {
        background: var(--hand);
        color: var(--on-hand);
      }
      .mark.bad {
        background: #5b1d17;
        color: #ffe3df;
      }
      footer {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 64px;
        padding: 8px 8px 8px 12px;
      }
      .name {
        position: absolute;
        left: 0;
        bottom: 0;
        max-width: 100%;
        padding: 2px 12px 4px;
        border-top-right-radius: var(--radius);
        background: rgb(5 11 9 / 82%);
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
        font-size: 1.1rem;
      }
      .words {
        flex: 1 1 0;
        min-width: 0;
        font-size: 0.95rem;
        line-height: 1.25;
      }
      .speaking {
        color: var(--stage);
      }
      .buttons {
        display: flex;
        gap: 6px;
      }
      .buttons button {
        padding: 0 0.7em;
        font-size: 0.95rem;
        white-space: nowrap;
      }
      @container (max-width: 26rem) {
        .buttons svg {
          display: none;
        }
      }
    `,
  ];

  override render(): TemplateResult {
    const { who, handOrder, name } = this.facts;
    const state = who?.on_stage ? "stage" : handOrder > 0 ? "hand" : "";
    return html`<article class=${state} aria-label=${name}>
      <div class="picture">
        <tk-video .stream=${this.facts.stream} fit="cover" instead=${this.instead()}></tk-video>
        <div class="marks">${this.renderMarks()}</div>
        <strong class="name" title=${name}>${name}</strong>
      </div>
      <footer>
        <span class="words ${this.facts.speaking ? "speaking" : "soft"}">${this.words()}</span>
        ${who !== null && this.control ? this.renderButtons(who) : nothing}
      </footer>
    </article>`;
  }

  private instead(): string {
    const { who, slot } = this.facts;
    if (who === null) return t("tile.absent");
    if (slot === null || slot.reason === "publisher_gone") return t("tile.no_picture");
    if (slot.layer == null && slot.reason === "bandwidth") return t("tile.paused");
    return "";
  }

  private words(): string {
    const { who, speaking } = this.facts;
    if (who === null) return t("tile.not_here");
    if (speaking) return t("tile.speaking");
    if (who.on_stage) return t(who.muted ? "tile.stage_muted" : "tile.stage_heard");
    return t(who.muted ? "tile.listening" : "tile.heard");
  }

  private renderMarks(): TemplateResult {
    const { who, slot, handOrder } = this.facts;
    const frozen = this.facts.frozen && slot?.layer != null;
    return html`
      ${who?.on_stage ? html`<span class="mark stage">${t("stage.on")}</span>` : nothing}
      ${handOrder > 0
        ? html`<span class="mark hand">${icon("hand")}${t("hand.nth", { n: handOrder })}</span>`
        : nothing}
      ${frozen && who !== null ? html`<span class="mark bad">${t("line.frozen")}</span>` : nothing}
    `;
  }

  private renderButtons(who: ParticipantState): TemplateResult {
    const stage = who.on_stage;
    return html`<div class="buttons">
      <button
        aria-pressed=${!who.muted}
        aria-label=${t(who.muted ? "tile.open_sound_of" : "tile.mute_of", { room: who.name })}
        @click=${() => this.ask("mute", !who.muted)}
      >
        ${icon(who.muted ? "micOff" : "mic")}${t(who.muted ? "tile.open_sound" : "tile.mute")}
      </button>
      <button
        class=${stage ? "" : "primary"}
        aria-label=${t(stage ? "stage.down_of" : "stage.up_of", { room: who.name })}
        @click=${() => this.ask("stage", !stage)}
      >
        ${icon(stage ? "stageDown" : "stageUp")}${t(stage ? "stage.down" : "stage.up")}
      </button>
    </div>`;
  }

  private ask(what: "mute" | "stage", value: boolean): void {
    this.dispatchEvent(new CustomEvent<boolean>(what, { detail: value }));
  }
}
