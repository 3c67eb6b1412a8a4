// One recording: the player, what may be looked at, how whole it is, the download.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ApiError, may, say, whoAmI } from "../client/api";
import { download } from "../client/download";
import { clockTime, dateName, duration, t, word } from "../client/i18n";
import {
  gapsOf,
  inOrder,
  masterUrl,
  type Resource,
  resourceOf,
  type TrackGaps,
  type TrackInfo,
} from "../client/library";
import { goToSignIn, takeKeyFromAddress } from "../client/session";
import { Every } from "../client/watch";
import "./correction";
import { deskStyle } from "./desk-style";
import { icon } from "./icons";
import "./player";
import { shared } from "./style";
import "./wait";
import { wholeMark } from "./whole";

/** So often an entry is looked at that is still being recorded or tidied up. */
const LOOK_EVERY_MS = 3000;

@customElement("tk-resource")
export class ResourceView extends LitElement {
  @property() resource = "";
  @state() private detail: Resource | null = null;
  @state() private chosen = "";
  @state() private trouble = "";
  @state() private progress = "";
  @state() private gaps: TrackGaps[] = [];
  @state() private mayCorrect = false;

  static override styles = [
    shared,
    deskStyle,
    css`
      :host {
        min-height: 0;
      }
      .back {
        margin-bottom: 12px;
      }
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 21rem;
        grid-template-rows: auto 1fr;
        gap: 24px;
        align-items: start;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 12px;
      }
      .choices button[aria-pressed="true"] {
        background: var(--accent);
        border-color: var(--accent);
        color: var(--on-accent);
        font-weight: 650;
      }
      .facts {
        display: grid;
        gap: 14px;
        grid-row: span 2;
      }
      .facts ul {
        display: grid;
        gap: 10px;
      }
      .facts li {
        border-top: 1px solid var(--edge);
        padding-top: 10px;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 4px 14px;
      }
      dt {
        color: var(--text-soft);
      }
      @media (max-width: 960px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
          grid-template-rows: none;
        }
        .facts {
          grid-row: auto;
        }
      }
    `,
  ];

  constructor() {
    super();
    new Every(this, LOOK_EVERY_MS, () => this.look());
  }

  private async look(): Promise<void> {
    if (this.detail === null && this.trouble === "") await this.load();
    else if (this.detail !== null && this.detail.state !== "ready") await this.refresh();
  }

  private async load(): Promise<void> {
    this.trouble = "";
    try {
      await takeKeyFromAddress();
      this.detail = await resourceOf(this.resource);
      this.chosen = this.videos()[0]?.track ?? "";
      this.mayCorrect = may(await whoAmI(), "librarian");
      this.gaps = await gapsOf(this.resource);
    } catch (error) {
      if (error instanceof ApiError && error.notSignedIn) goToSignIn();
      else this.trouble = say(error);
    }
  }

  /** A lesson under way grows; what plays is left alone. */
  private async refresh(): Promise<void> {
    try {
      this.detail = await resourceOf(this.resource);
      if (this.detail.state === "ready") this.gaps = await gapsOf(this.resource);
    } catch (error) {
      console.warn("looking again failed", error);
    }
  }

  /** The picture that plays; while a lesson is recorded its tracks are not listed yet. */
  private get shown(): string {
    return this.chosen || (this.videos()[0]?.track ?? "");
  }

  private videos(): TrackInfo[] {
    return this.detail === null
      ? []
      : inOrder(this.detail).filter((each) => each.kind === "video");
  }

  private async take(): Promise<void> {
    try {
      this.progress = t("download.making", { percent: 0 });
      await download(this.resource, this.shown, (share) => {
        this.progress = t("download.making", { percent: Math.floor(share * 100) });
      });
      this.progress = t("download.started");
    } catch (error) {
      this.progress = say(error);
    }
  }

  override render(): TemplateResult {
    const back = html`<a class="button back" href="/library"
      >${icon("back")}${t("library.back")}</a
    >`;
    if (this.trouble !== "") {
      return html`${back}
        <p class="alert" role="alert">${this.trouble}</p>`;
    }
    if (this.detail === null) {
      return html`${back}<tk-wait message=${t("library.opening")} @again=${() => void this.load()}></tk-wait>`;
    }
    return html`${back}
      <div class="title"><h1>${this.detail.title}</h1></div>
      <div class="columns">
        <div>${this.renderPlayer(this.detail)}</div>
        ${this.renderFacts(this.detail)} ${this.renderCorrection(this.detail)}
      </div>`;
  }

  private renderCorrection(detail: Resource): TemplateResult | typeof nothing {
    if (!this.mayCorrect) return nothing;
    return html`<tk-correction
      .detail=${detail}
      @corrected=${(event: CustomEvent<Resource>) => {
        this.detail = event.detail;
      }}
    ></tk-correction>`;
  }

  private renderPlayer(detail: Resource): TemplateResult {
    return html`<tk-player
        src=${masterUrl(detail.id, this.chosen)}
        ?live=${detail.state === "recording"}
      ></tk-player>
      <div class="choices" role="group" aria-label=${t("player.tracks")}>
        ${this.videos().map(
          (each) =>
            html`<button
              aria-pressed=${each.track === this.shown}
              @click=${() => {
                this.chosen = each.track;
              }}
            >
              ${labelOf(detail, each)}
            </button>`,
        )}
      </div>`;
  }

  private renderFacts(detail: Resource): TemplateResult {
    const row = (name: string, value: string): TemplateResult | typeof nothing =>
      value === "" ? nothing : html`<dt>${name}</dt><dd>${value}</dd>`;
    return html`<div class="card facts">
      <dl>
        ${row(t("filter.subject"), detail.subject)} ${row(t("filter.grade"), detail.grade)}
        ${row(t("filter.teacher"), detail.teacher)} ${row(t("filter.school"), detail.school)}
        ${row(t("field.chapter"), detail.chapter)}
        ${row(t("library.when"), `${dateName(detail.starts_at)} ${clockTime(detail.starts_at)}`)}
        ${detail.late_s > 0 ? row(t("library.late"), duration(detail.late_s)) : nothing}
        ${detail.state === "recording"
          ? nothing
          : row(t("library.long"), duration(detail.duration_s))}
      </dl>
      <p>${wholeMark(detail)}</p>
      <ul>
        ${inOrder(detail).map((each) => html`<li>${this.renderTrack(detail, each)}</li>`)}
      </ul>
      ${detail.state === "ready"
        ? html`<button class="primary" id="download" @click=${this.take}>
              ${icon("download")}${t("download.do")}
            </button>
            <p role="status">${this.progress}</p>`
        : html`<p class="soft">${t("library.while_recording")}</p>`}
    </div>`;
  }

  private renderTrack(resource: Resource, track: TrackInfo): TemplateResult {
    const gaps = this.gaps.find((each) => each.track === track.track)?.gaps ?? [];
    const words = gaps.map(({ start_us, end_us, reason }) =>
      t("gap.from_long", {
        from: duration(start_us / 1e6),
        long: ((end_us - start_us) / 1e6).toFixed(1),
        why: word("gap_reason", reason),
      }),
    );
    return html`<strong>${labelOf(resource, track)}</strong><br />
      ${wholeMark({ state: "ready", completeness: track.completeness })}
      ${words.map((each) => html`<p class="soft">${each}</p>`)}`;
  }
}

function labelOf(resource: Resource, track: TrackInfo): string {
  const place = resource.site_rooms[track.site_room ?? ""] ?? resource.teacher;
  return `${place} · ${word("source", track.source)}`;
}
