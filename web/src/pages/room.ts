// A classroom's big screen. It needs no hand on it: it waits with a clock, goes into
// the lesson when the timetable says so, and says in words what is going on.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { ApiError, say } from "../client/api";
import { recentChanges, type Told, toldTo } from "../client/changes";
import { clockTime, dayName, type Key, pick, t } from "../client/i18n";
import { arrange, type Picture } from "../client/layout";
import { type Grant, isOpen, joinLesson, type Lesson, lessonOf, lessonsToday, nextFor, roomName } from "../client/lessons";
import { OwnMedia } from "../client/own-media";
import { RoomClient } from "../client/room";
import { EMPTY_VIEW, myself, type RoomView } from "../client/roomview";
import { SilenceWatch } from "../client/silence";
import { handIsUp, screenNotices } from "../client/notices";
import { goToSignIn, takeKeyFromAddress, titlePage } from "../client/session";
import { siteRooms } from "../client/upkeep";
import { Every } from "../client/watch";
import { icon } from "../ui/icons";
import type { Sound } from "../ui/sound";
import "../ui/sound";
import { roomStyle } from "../ui/room-style";
import { shared } from "../ui/style";
import "../ui/video";
import "../ui/wait";

const LOOK_EVERY_MS = 8000;
const CHANGES_EVERY_MS = 60_000;
/** So long a screen says that the lesson is over, then what comes next. */
const OVER_SHOWN_S = 120;
const LISTEN_EVERY_MS = 200;
const FACE_SLOTS = 4;
const SOUND_SLOTS = 3;

@customElement("tk-room")
export class RoomPage extends LitElement {
  @state() private view: RoomView = EMPTY_VIEW;
  @state() private lesson: Lesson | null = null;
  @state() private next: Lesson | null = null;
  @state() private told: Told[] = [];
  @state() private roomName = "";
  private asksName = true;
  /** The address names a room that is in no list. */
  @state() private isUnknown = false;
  @state() private now = Date.now() / 1000;
  @state() private blocked = false;
  @state() private trouble = "";
  /** Unix seconds of the end of the lesson we were in; 0 when in none. */
  @state() private overAt = 0;
  @state() private deviceTrouble: Key | null = null;
  @query("tk-sound") private sound!: Sound;

  private readonly asked = new URLSearchParams(location.search);
  private readonly siteRoom = this.asked.get("site_room");
  /** A classroom without an agent: this browser is its camera and microphone. */
  private readonly sends = this.siteRoom !== null && this.asked.get("camera") === "1";
  private client: RoomClient | null = null;
  private readonly media = new OwnMedia({
    track: (device, track) => void this.client?.publish(device, track),
    changed: () => {
      this.deviceTrouble = this.media.trouble;
    },
  });
  private readonly silence = new SilenceWatch();
  @state() private unheard = false;
  private mayRaiseHand = false;

  constructor() {
    super();
    new Every(this, LOOK_EVERY_MS, () => this.look());
    new Every(this, CHANGES_EVERY_MS, () => this.lookForChanges());
    new Every(this, 1000, () => {
      this.now = Date.now() / 1000;
    });
    new Every(this, LISTEN_EVERY_MS, () => {
      const open = this.media.heard && myself(this.view)?.muted === false;
      const level = open ? this.media.level() : null;
      this.unheard = this.silence.hear(level, performance.now() / 1000);
    });
    window.addEventListener("keydown", (event) => this.pressed(event));
    window.addEventListener("pointerdown", () => void this.sound?.unblock());
    window.addEventListener("pagehide", () => this.client?.stop());
  }

  /** Is there a lesson to be in? Asked again and again; joining itself is RoomClient's. */
  private async look(): Promise<void> {
    try {
      await takeKeyFromAddress();
      await this.lookAtTimetable();
      this.trouble = "";
    } catch (error) {
      if (error instanceof ApiError && error.notSignedIn) goToSignIn();
      else if (this.client === null) this.trouble = troubleOf(error);
    }
  }

  /** What goes wrong here, `look` says as well. */
  private async lookForChanges(): Promise<void> {
    if (this.siteRoom === null) return;
    try {
      await takeKeyFromAddress();
      this.told = await toldTo(this.siteRoom);
      if (this.roomName === "" && this.asksName) await this.lookForName(this.siteRoom);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** On a day without a lesson no timetable names the room; a mistyped one never. Asked
   * once: an agent that serves this page by itself has no list of rooms. */
  private async lookForName(siteRoom: string): Promise<void> {
    this.asksName = false;
    const found = (await siteRooms()).find((each) => each.id === siteRoom);
    if (found === undefined) this.isUnknown = true;
    else this.roomName ||= found.name;
    titlePage(this.roomName);
  }

  private async lookAtTimetable(): Promise<void> {
    const session = this.asked.get("session");
    let current: Lesson | null = null;
    if (session !== null) {
      current = await lessonOf(session);
      this.next = current;
    } else if (this.siteRoom !== null) {
      const mine = (await lessonsToday()).filter((each) => roomName(each, this.siteRoom) !== "");
      current = mine.find((each) => isOpen(each.state)) ?? null;
      this.next = nextFor(mine, Date.now() / 1000);
    }
    this.roomName = roomName(current ?? this.next, this.siteRoom) || this.roomName;
    titlePage(this.roomName);
    if (current && isOpen(current.state)) this.enter(current);
  }

  private enter(lesson: Lesson): void {
    const busy = this.view.phase === "joined" || this.view.phase === "reconnecting";
    if (this.client !== null && (busy || this.lesson?.session === lesson.session)) {
      this.lesson = { ...lesson };
      return;
    }
    this.client?.stop();
    this.lesson = lesson;
    this.overAt = 0;
    this.client = new RoomClient({
      publish: this.sends ? ["camera", "microphone"] : [],
      receiveAudio: SOUND_SLOTS,
      receiveVideo: FACE_SLOTS,
      name: "",
      ticket: async () => {
        const grant = await this.join(lesson.session);
        this.mayRaiseHand = grant.role === "room";
        return { token: grant.token, sfuUrl: grant.sfu_url };
      },
      changed: (view) => this.changed(view),
    });
    if (this.sends) void this.openOwnDevices();
    this.client.start();
  }

  /** A classroom's screen takes its classroom's place without pushing its agent out;
   * without a classroom it only looks on. */
  private join(session: string): Promise<Grant> {
    if (this.siteRoom === null) return joinLesson(session, { role: "observer" });
    return joinLesson(session, {
      role: "room",
      name: this.roomName,
      site_room: this.siteRoom,
      listen_only: !this.sends,
    });
  }

  private async openOwnDevices(): Promise<void> {
    for (const device of ["camera", "microphone"] as const) await this.media.open(device);
  }

  private changed(view: RoomView): void {
    this.view = view;
    if (view.phase !== "ended" && view.phase !== "refused") return;
    this.overAt = view.phase === "ended" ? Date.now() / 1000 : 0;
    this.media.closeAll();
    this.trouble = view.refusal === null ? "" : pick(view.refusal);
    this.client = null;
  }

  private pressed(event: KeyboardEvent): void {
    void this.sound?.unblock();
    if (event.key.toLowerCase() === "h" && this.canRaise()) this.toggleHand();
    if (event.key.toLowerCase() === "f") void document.documentElement.requestFullscreen();
  }

  private canRaise(): boolean {
    return this.mayRaiseHand && this.view.phase === "joined";
  }

  private toggleHand(): void {
    const raised = handIsUp(this.view, this.siteRoom);
    this.client?.send({ type: "raise_hand", raised: !raised });
  }

  static override styles = [shared, roomStyle];

  override render(): TemplateResult {
    const inLesson = this.client !== null && this.view.me !== "" && this.overAt === 0;
    return html`
      ${inLesson ? this.renderLesson() : this.renderIdle()}
      <tk-sound
        .streams=${this.client?.audioStreams() ?? []}
        @blocked=${(event: CustomEvent<boolean>) => {
          this.blocked = event.detail;
        }}
      ></tk-sound>
      ${this.blocked && inLesson ? this.renderBlocked() : nothing}
    `;
  }

  private renderLesson(): TemplateResult {
    const { plan, pictures } = arrange(
      this.view,
      this.siteRoom,
      (slot) => this.client?.hasMedia(slot) ?? false,
    );
    return html`<main>
      <div class="frame"><div class="pictures ${plan}">
        ${pictures.length === 0
          ? html`<tk-wait
              .seconds=${60}
              message=${t("room.waiting_teacher")}
              late=${t("room.no_teacher")}
              @again=${() => void this.look()}
            ></tk-wait>`
          : repeat(
              pictures,
              (each) => each.slot.mid,
              (each) => this.renderPicture(each),
            )}
      </div></div>
      ${this.renderFoot()}
    </main>`;
  }

  private renderPicture({ who, source, slot }: Picture): TemplateResult {
    const slides = source !== "camera";
    const paused = slot.layer == null && slot.reason === "bandwidth";
    return html`<figure class=${who.on_stage ? "on-stage" : ""} data-source=${source}>
      <tk-video
        .stream=${this.client?.stream(slot) ?? null}
        fit=${slides ? "contain" : "cover"}
        instead=${paused ? t("room.paused") : ""}
      ></tk-video>
      ${slides ? nothing : html`<figcaption>${who.name}</figcaption>`}
    </figure>`;
  }

  private renderFoot(): TemplateResult {
    const raised = handIsUp(this.view, this.siteRoom);
    return html`<div class="foot">
      <div class="notice" role="status">
        ${this.deviceTrouble === null
          ? nothing
          : html`<strong class="warn">${t(this.deviceTrouble)}</strong> `}
        ${this.unheard ? html`<strong class="warn">${t("own.silent")}</strong> ` : nothing}
        ${screenNotices(this.view, this.siteRoom)
          .slice(0, 2)
          .map((each) => html`<strong class=${each.tone}>${t(each.key, each.values)}</strong> `)}
      </div>
      ${this.view.room?.recording ? html`<span class="rec">${t("recording.mark")}</span>` : nothing}
      <time>${clockTime(this.now)}</time>
      ${this.canRaise() && this.wantsButton()
        ? html`<button class=${raised ? "lower" : ""} @click=${this.toggleHand}>
            ${icon("hand")}${t(raised ? "room.lower_hand" : "room.raise_hand")}
          </button>`
        : nothing}
    </div>`;
  }

  private wantsButton(): boolean {
    return this.asked.get("hand") === "1" || matchMedia("(any-pointer: coarse)").matches;
  }

  private renderIdle(): TemplateResult {
    return html`<div class="idle">
      <h1>${this.roomName || t("brand")}</h1>
      <time
        >${clockTime(this.now)}<span class="day">${dayName(this.now)}</span></time
      >
      <div class="next" role="status">${this.renderNext()}</div>
      ${this.renderChanges()}
    </div>`;
  }

  private renderChanges(): TemplateResult | typeof nothing {
    const changes = recentChanges(this.told, this.now);
    if (changes.length === 0) return nothing;
    return html`<div class="changes" role="status">
      <strong>${t("room.changes")}</strong>
      ${changes.map((each) => html`<p>${pick(each)}</p>`)}
    </div>`;
  }

  private renderNext(): TemplateResult {
    if (this.trouble !== "") return html`${this.trouble}`;
    if (this.view.phase === "joining" && this.client) return html`${t("room.joining")}`;
    if (this.now - this.overAt < OVER_SHOWN_S) return html`${t("room.over")}`;
    if (this.isUnknown) return html`${t("room.unknown", { id: this.siteRoom ?? "" })}`;
    if (this.next === null) {
      const asks = this.siteRoom !== null || this.asked.has("session");
      return html`${t(asks ? "room.no_more_lessons" : "room.which")}`;
    }
    const { title, teacher, starts_at } = this.next;
    return html`<div class="soft">
        ${t("room.next_lesson", { time: clockTime(starts_at) })}
      </div>
      ${title} · ${teacher}`;
  }

  private renderBlocked(): TemplateResult {
    return html`<div class="blocked" role="alert">
      <p>${t("room.sound_blocked")}</p>
      <button @click=${() => void this.sound.unblock()}>
        ${icon("sound")}${t("room.sound_on")}
      </button>
    </div>`;
  }
}

/** Nobody stands here to try again: the screen does so by itself. */
function troubleOf(error: unknown): string {
  return error instanceof ApiError && error.status === 0 ? t("room.no_answer") : say(error);
}
