// Plays one recording. hls.js first; the browser's own HLS only where hls.js cannot
// run (iPhone). The full build, because the light one has no separate sound tracks;
// loaded when a recording is opened: it is the largest part of all pages.

import type Hls from "hls.js";
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { duration, t } from "../client/i18n";
import { afterGap, findGaps, type Gap } from "../client/playlist";
import { typing } from "../client/shortcuts";
import { icon } from "./icons";
import { shared } from "./style";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const STEP_S = 5;
/** hls.js would hurry to the newest picture of a running lesson where the first one
 * begins a little after zero; longer than any lesson is its beginning instead. */
const NEVER_AT_THE_EDGE_S = 86_400;
/** So far behind the newest picture a running lesson can be followed. */
const BEHIND_S = 8;
const WATCH_EVERY_MS = 200;

@customElement("tk-player")
export class Player extends LitElement {
  /** The playlist that plays: another one keeps the moment. */
  @property() src = "";
  /** The lesson is still being recorded: its end moves on. */
  @property({ type: Boolean }) live = false;
  /** Holes in what is recorded, as the playlists declare them. */
  @state() private gaps: Gap[] = [];
  @state() private at = 0;
  @state() private length = 0;
  @state() private playing = false;
  @state() private speed = 1;
  @state() private trouble = "";
  @query("video") private video!: HTMLVideoElement;
  private hls: Hls | null = null;
  private loading = 0;
  /** What the person asked for last, also while nothing is loaded yet. */
  private wanted = false;
  private watcher = 0;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        border-radius: var(--radius);
        overflow: hidden;
        background: #050b09;
        color: var(--chalk);
      }
      .picture {
        position: relative;
        aspect-ratio: 16 / 9;
        max-height: max(15rem, calc(100vh - 24rem));
        width: 100%;
        display: grid;
      }
      video {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        object-fit: contain;
        cursor: pointer;
      }
      .trouble {
        place-self: center;
        z-index: 1;
        padding: 16px 20px;
        border-radius: var(--radius);
        background: rgb(5 11 9 / 85%);
        display: grid;
        gap: 12px;
        justify-items: center;
        max-width: 30em;
      }
      .controls {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        padding: 8px 12px;
        background: var(--board-2);
      }
      .controls button,
      .controls select {
        background: var(--board-3);
        border-color: var(--board-line);
        color: var(--chalk);
      }
      .line {
        position: relative;
        flex: 1 1 100%;
        height: var(--target);
        display: grid;
        align-items: center;
      }
      .line input {
        width: 100%;
        min-height: var(--target);
        margin: 0;
        padding: 0;
        border: 0;
        background: none;
        accent-color: var(--stage);
      }
      .gap {
        position: absolute;
        bottom: 8px;
        height: 5px;
        min-width: 3px;
        background: var(--live);
        border-radius: 2px;
        pointer-events: none;
      }
      .time {
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      .space {
        flex: 1;
      }
      .controls label {
        display: inline-flex;
        align-items: center;
        gap: 8px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("keydown", this.pressed);
    this.watcher = window.setInterval(() => this.jumpOverGap(), WATCH_EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("keydown", this.pressed);
    window.clearInterval(this.watcher);
    this.hls?.destroy();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("src") && this.src !== "") void this.load(changed.get("src") !== undefined);
    for (const mark of this.renderRoot.querySelectorAll<HTMLElement>(".gap")) {
      mark.style.left = `${(Number(mark.dataset["from"]) / this.length) * 100}%`;
      mark.style.width = `${(Number(mark.dataset["long"]) / this.length) * 100}%`;
    }
  }

  private async load(switched: boolean): Promise<void> {
    const turn = ++this.loading;
    const at = switched ? this.video.currentTime : 0;
    this.trouble = "";
    this.hls?.destroy();
    this.hls = null;
    try {
      const [{ default: Engine }, gaps] = await Promise.all([import("hls.js"), findGaps(this.src)]);
      if (turn !== this.loading) return;
      this.gaps = gaps;
      this.start(Engine, afterGap(gaps, at) ?? at);
    } catch (error) {
      console.warn("the recording does not open", error);
      this.trouble = t("player.trouble");
      return;
    }
    this.video.playbackRate = this.speed;
    // Attaching a source pauses the element, also for who pressed play while it loaded.
    if (this.wanted) this.play();
  }

  private start(Engine: typeof Hls, at: number): void {
    if (!Engine.isSupported()) {
      this.video.src = this.src;
      this.video.currentTime = at;
      return;
    }
    this.hls = new Engine({
      enableWorker: false,
      startPosition: at,
      liveSyncDuration: NEVER_AT_THE_EDGE_S,
    });
    this.hls.on(Engine.Events.ERROR, (_name, data) => {
      if (data.fatal) this.trouble = t("player.trouble");
    });
    this.hls.loadSource(this.src);
    this.hls.attachMedia(this.video);
  }

  /** hls.js stands still at the edge of a declared hole. */
  private jumpOverGap(): void {
    const { currentTime, readyState, seeking, buffered } = this.video;
    const waits = readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !seeking;
    if (!waits || buffered.length === 0) return;
    const target = afterGap(this.gaps, currentTime);
    if (target !== null && target < this.length) this.seek(target);
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    if (typing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    const deeds: Record<string, () => void> = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      ArrowLeft: () => this.seek(this.at - STEP_S),
      PageUp: () => this.seek(this.at - STEP_S),
      ArrowRight: () => this.seek(this.at + STEP_S),
      PageDown: () => this.seek(this.at + STEP_S),
      f: () => this.fill(),
      m: () => {
        this.video.muted = !this.video.muted;
      },
    };
    const deed = deeds[event.key];
    // A button under the focus keeps its own space bar.
    if (deed === undefined || (event.key === " " && event.composedPath()[0] instanceof HTMLButtonElement)) return;
    event.preventDefault();
    deed();
  };

  private play(): void {
    // Cut short by a source that is being attached, or refused by the browser: then the
    // button still says "play".
    this.video.play().catch(() => undefined);
  }

  private toggle(): void {
    this.wanted = this.video.paused;
    if (this.wanted) this.play();
    else this.video.pause();
  }

  seek(seconds: number): void {
    this.video.currentTime = Math.min(Math.max(0, seconds), this.length);
  }

  private fill(): void {
    if (document.fullscreenElement === null) void this.requestFullscreen();
    else void document.exitFullscreen();
  }

  override render(): TemplateResult {
    return html`<div class="picture">
        <video
          playsinline
          @click=${this.toggle}
          @play=${() => (this.playing = true)}
          @pause=${() => (this.playing = false)}
          @ended=${() => (this.wanted = false)}
          @timeupdate=${() => (this.at = this.video.currentTime)}
          @durationchange=${() => {
            this.length = Number.isFinite(this.video.duration) ? this.video.duration : 0;
          }}
        ></video>
        ${this.trouble === "" ? nothing : this.renderTrouble()}
      </div>
      <div class="controls">${this.renderLine()} ${this.renderButtons()} <slot></slot></div>`;
  }

  private renderTrouble(): TemplateResult {
    return html`<div class="trouble" role="alert">
      ${this.trouble}
      <button @click=${() => void this.load(true)}>${t("wait.again")}</button>
    </div>`;
  }

  private renderLine(): TemplateResult {
    return html`<div class="line">
      <input
        type="range"
        min="0"
        max=${this.length}
        step="0.1"
        .value=${String(this.at)}
        aria-label=${t("player.position")}
        aria-valuetext=${duration(this.at)}
        @input=${(event: InputEvent) => this.seek(Number((event.target as HTMLInputElement).value))}
      />
      ${this.length > 0
        ? this.gaps.map(
            (gap) =>
              html`<span
                class="gap"
                data-from=${gap.from_s}
                data-long=${gap.to_s - gap.from_s}
              ></span>`,
          )
        : nothing}
    </div>`;
  }

  private renderButtons(): TemplateResult {
    return html`<button id="play" class="primary" @click=${this.toggle}>
        ${icon(this.playing ? "pause" : "play")}${t(this.playing ? "player.pause" : "player.play")}
      </button>
      <span class="time">${duration(this.at)} / ${duration(this.length)}</span>
      ${this.live
        ? html`<button id="newest" @click=${() => this.seek(this.length - BEHIND_S)}>
            ${t("player.newest")}
          </button>`
        : nothing}
      <span class="space"></span>
      <label
        >${t("player.speed")}
        <select
          @change=${(event: Event) => {
            this.speed = Number((event.target as HTMLSelectElement).value);
            this.video.playbackRate = this.speed;
          }}
        >
          ${SPEEDS.map(
            (each) => html`<option value=${each} ?selected=${each === this.speed}>${each}×</option>`,
          )}
        </select>
      </label>
      <button @click=${this.fill}>${icon("full")}${t("player.full")}</button>`;
  }
}
