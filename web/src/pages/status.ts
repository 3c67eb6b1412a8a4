// The operator's wall: every room and lesson, in colour and in words, trouble first.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { ApiError, call, type Person, say } from "../client/api";
import { clockTime, pick, t } from "../client/i18n";
import { type LessonCard, type Overview, type RoomCard, toneOf } from "../client/overview";
import { goToSignIn, personHere, takeKeyFromAddress } from "../client/session";
import { type Care, siteRooms, Upkeep } from "../client/upkeep";
import { Every } from "../client/watch";
import { deskStyle } from "../ui/desk-style";
import "../ui/header";
import "../ui/invite";
import { shared } from "../ui/style";
import "../ui/wait";

/** The server speaks at least every 10 s: a longer silence is a dead line. */
const SILENT_S = 25;
const UPKEEP_MS = 30_000;

@customElement("tk-status")
export class StatusPage extends LitElement {
  @state() private overview: Overview | null = null;
  @state() private person: Person | null = null;
  @state() private trouble = "";
  @state() private silent = false;
  private stream: EventSource | null = null;
  private silence = 0;
  private readonly upkeep = new Upkeep();

  static override styles = [
    shared,
    deskStyle,
    css`
      .sums {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
        gap: 12px;
        margin-bottom: 28px;
      }
      .sums strong {
        display: block;
        font-size: 2rem;
        line-height: 1.1;
        font-variant-numeric: tabular-nums;
      }
      .sums .bad strong {
        color: var(--bad);
      }
      h2 {
        margin: 28px 0 12px;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
        gap: 12px;
      }
      .grid li {
        display: grid;
        gap: 6px;
        align-content: start;
      }
      .grid li.bad {
        border-color: var(--bad);
        box-shadow: inset 5px 0 0 var(--bad);
      }
      .grid li.warn {
        border-color: var(--warn);
        box-shadow: inset 5px 0 0 var(--warn);
      }
      .row {
        display: flex;
        justify-content: space-between;
        gap: 12px;
        align-items: baseline;
      }
      .row strong {
        font-size: 1.1rem;
        overflow-wrap: anywhere;
      }
      .figures {
        font-size: 0.92rem;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  constructor() {
    super();
    new Every(this, UPKEEP_MS, () => this.lookAfter());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void personHere().then((person) => (this.person = person));
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stream?.close();
    window.clearTimeout(this.silence);
  }

  private async start(): Promise<void> {
    try {
      await takeKeyFromAddress();
      this.show(await call<Overview>("GET", "/status/v1/overview"));
      this.listen();
      await this.lookAfter();
    } catch (error) {
      if (error instanceof ApiError && error.notSignedIn) goToSignIn();
      else this.trouble = say(error);
    }
  }

  /** Silent when it fails: the wall itself says that the server is away. */
  private async lookAfter(): Promise<void> {
    if (this.overview === null) return;
    try {
      this.upkeep.hear(await siteRooms(), seconds());
      this.requestUpdate();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  private listen(): void {
    this.stream?.close();
    this.stream = new EventSource("/status/v1/overview/stream");
    this.stream.addEventListener("overview", (event: MessageEvent<string>) =>
      this.show(JSON.parse(event.data) as Overview),
    );
  }

  private show(overview: Overview): void {
    this.overview = overview;
    this.trouble = "";
    this.silent = false;
    window.clearTimeout(this.silence);
    this.silence = window.setTimeout(() => {
      this.silent = true;
      this.listen();
    }, SILENT_S * 1000);
  }

  override render(): TemplateResult {
    return html`<tk-header here="/status" .person=${this.person}></tk-header>
      <main>
        <div class="title">
          <h1>${t("status.title")}</h1>
          ${this.overview === null
            ? nothing
            : html`<span class="soft">${t("status.at", { time: clockTime(this.overview.at) })}</span>
                <tk-invite></tk-invite>`}
        </div>
        ${this.trouble === "" ? nothing : html`<p class="alert" role="alert">${this.trouble}</p>`}
        ${this.silent ? html`<p class="alert" role="alert">${t("status.silent")}</p>` : nothing}
        ${this.overview === null ? this.renderWait() : this.renderWall(this.overview)}
      </main>`;
  }

  private renderWait(): TemplateResult | typeof nothing {
    if (this.trouble !== "") {
      return html`<p><button @click=${() => void this.start()}>${t("wait.again")}</button></p>`;
    }
    return html`<tk-wait message=${t("status.loading")} @again=${() => void this.start()}></tk-wait>`;
  }

  private renderWall({ summary, rooms, lessons }: Overview): TemplateResult {
    const cared = rooms.map((card) => ({ card, cares: this.upkeep.of(card.site_room, seconds()) }));
    // What hurts now first, then what will; each as monitoring put them.
    cared.sort((one, other) => rank(one) - rank(other));
    const more = cared.filter(({ card, cares }) => !card.trouble && cares.length > 0).length;
    const sum = (value: number, name: string, bad = false): TemplateResult =>
      html`<div class="card ${bad && value > 0 ? "bad" : ""}"><strong>${value}</strong>${name}</div>`;
    return html`<div class="sums">
        ${sum(summary.lessons_live, t("status.lessons_live"))}
        ${sum(summary.in_lesson, t("status.in_lesson"))}
        ${sum(summary.online, t("status.online", { all: summary.rooms }))}
        ${sum(summary.rooms_in_trouble + summary.lessons_in_trouble + more, t("status.troubles"), true)}
      </div>
      <h2>${t("status.lessons")}</h2>
      ${lessons.length === 0 ? html`<p class="empty">${t("status.no_lessons")}</p>` : nothing}
      <ul class="grid">
        ${repeat(lessons, (each) => each.session, renderLesson)}
      </ul>
      <h2>${t("status.rooms")}</h2>
      ${rooms.length === 0 ? html`<p class="empty">${t("status.no_rooms")}</p>` : nothing}
      <ul class="grid">
        ${repeat(
          cared,
          ({ card }) => card.site_room,
          ({ card, cares }) => renderRoom(card, cares),
        )}
      </ul>`;
  }
}

function renderLesson(card: LessonCard): TemplateResult {
  const tone = toneOf(card);
  return html`<li class="card ${tone}">
    <div class="row">
      <strong>${card.title}</strong><span class="state ${tone}">${pick(card.word)}</span>
    </div>
    <p class="soft">${card.subject} · ${card.grade} · ${card.teacher}</p>
    <p>
      ${clockTime(card.starts_at)}–${clockTime(card.ends_at)} ·
      ${t("status.present", { present: card.rooms_present, expected: card.rooms_expected })}
    </p>
    ${card.recording_word ? html`<p>${pick(card.recording_word)}</p>` : nothing}
    ${card.trouble ? html`<p class="alert">${pick(card.trouble)}</p>` : nothing}
    ${card.resource
      ? html`<p><a class="button" href="/library?resource=${card.resource}">${t("today.recording")}</a></p>`
      : nothing}
  </li>`;
}

function renderRoom(card: RoomCard, cares: Care[]): TemplateResult {
  const tone = toneOf(card);
  const edge = cares.length > 0 && tone !== "bad" ? "warn" : tone;
  return html`<li class="card ${edge}">
    <div class="row">
      <strong>${card.name}</strong><span class="state ${tone}">${pick(card.word)}</span>
    </div>
    ${card.title ? html`<p class="soft">${card.title}</p>` : nothing}
    ${card.quality ? html`<p class="figures">${figuresOf(card)}</p>` : nothing}
    ${card.on_stage || card.hand_raised
      ? html`<p>
          ${card.on_stage ? t("stage.on") : ""} ${card.hand_raised ? t("hand.up") : ""}
        </p>`
      : nothing}
    ${card.trouble ? html`<p class="alert">${pick(card.trouble)}</p>` : nothing}
    ${cares.map(({ key, values }) => html`<p class="alert">${t(key, values)}</p>`)}
  </li>`;
}

function rank({ card, cares }: { card: RoomCard; cares: Care[] }): number {
  if (card.trouble) return card.trouble.severity === "critical" ? 0 : 1;
  return cares.length > 0 ? 1 : 2;
}

const seconds = (): number => performance.now() / 1000;

function figuresOf({ quality }: RoomCard): string {
  if (!quality) return "";
  const parts = [
    t("quality.line", { word: pick(quality.word) }),
    t("quality.fps", { fps: Math.round(quality.fps) }),
  ];
  if (quality.rtt_ms != null) parts.push(t("quality.rtt", { ms: Math.round(quality.rtt_ms) }));
  if (quality.loss_ratio != null) {
    parts.push(t("quality.loss", { percent: (quality.loss_ratio * 100).toFixed(1) }));
  }
  return parts.join(" · ");
}
