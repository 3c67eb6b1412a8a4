// The teacher's console: rooms as tiles, calling on stage, hands, sound, the bell.
// Where the master classroom has its own agent it only controls; otherwise this
// browser publishes camera, microphone and screen.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { ApiError, say } from "../client/api";
import { chime, type Device } from "../client/devices";
import { clockTime, pick, t } from "../client/i18n";
import {
  endLesson,
  extendLesson,
  joinLesson,
  type Lesson,
  lessonOf,
  masterRoom,
  resumeLesson,
  teachingPoints,
} from "../client/lessons";
import { OwnMedia } from "../client/own-media";
import { RoomClient } from "../client/room";
import { SilenceWatch } from "../client/silence";
import { EMPTY_VIEW, hands, rooms, type RoomView } from "../client/roomview";
import { goToSignIn, takeKeyFromAddress, titlePage } from "../client/session";
import { type Action, actionOf, typing } from "../client/shortcuts";
import { FROZEN_S, makeTiles, seatOf, type TileFacts } from "../client/tiles";
import { Every } from "../client/watch";
import type { ParticipantState } from "../client/wire";
import type { Confirm, Help } from "../ui/dialogs";
import "../ui/dialogs";
import type { Sound } from "../ui/sound";
import "../ui/sound";
import { shared } from "../ui/style";
import {
  consoleHeader,
  controlBar,
  EXTEND_MIN,
  handsPanel,
  levelMeter,
  masterPanel,
  ownCamera,
  ownPanel,
  speakerPanel,
} from "../ui/teach-panels";
import { teachStyle } from "../ui/teach-style";
import "../ui/tile";
import "../ui/wall";
import "../ui/wait";

const SOUND_SLOTS = 3;
const ROOM_SLOTS = 6;
/** The assistant also sees the master classroom: its camera and its screen. */
const MASTER_SLOTS = 2;

/** Long enough to read a sentence twice. */
const TOAST_MS = 8000;

type Seat = "master" | "assistant";
type Stage = "loading" | "nowhere" | "door" | "in" | "over";

@customElement("tk-teach")
export class TeachPage extends LitElement {
  @state() private stage: Stage = "loading";
  @state() private seat: Seat = "master";
  @state() private lesson: Lesson | null = null;
  @state() private view: RoomView = EMPTY_VIEW;
  @state() private trouble = "";
  @state() private toast = "";
  private toastTimer = 0;
  /** This computer plays no sound. */
  @state() private silent = false;
  /** Our own microphone is open and brings nothing. */
  @state() private unheard = false;
  private readonly silence = new SilenceWatch();
  @state() private blocked = false;
  @state() private level = 0;
  @state() private now = Date.now() / 1000;
  @state() private endedHere = false;
  @query("tk-help") private help!: Help;
  @query("tk-confirm") private confirm!: Confirm;
  @query("tk-sound") private sound!: Sound;

  private readonly asked = new URLSearchParams(location.search);
  private readonly session = this.asked.get("session") ?? "";
  private client: RoomClient | null = null;
  private bell: AudioContext | null = null;
  private handsToast = "";
  private handsSeen = new Set<string>();
  private readonly media = new OwnMedia({
    track: (device, track) => void this.client?.publish(device, track),
    changed: () => {
      if (this.media.trouble !== null) this.speak(t(this.media.trouble));
      this.requestUpdate();
    },
  });

  static override styles = [shared, teachStyle];

  constructor() {
    super();
    new Every(this, 200, () => {
      this.level = this.media.level();
      const open = this.stage === "in" && this.media.heard;
      this.unheard = this.silence.hear(open ? this.level : null, performance.now() / 1000);
    });
    new Every(this, 1000, () => {
      this.now = Date.now() / 1000;
    });
    window.addEventListener("keydown", (event) => this.pressed(event));
    window.addEventListener("pagehide", () => this.client?.stop());
    void this.load();
  }

  private async load(): Promise<void> {
    this.trouble = "";
    if (this.session === "") {
      this.stage = "nowhere";
      return;
    }
    try {
      await takeKeyFromAddress();
      this.lesson = await lessonOf(this.session);
      titlePage(this.lesson.title);
      this.seat = this.chooseSeat(this.lesson);
      this.stage = "door";
      if (this.seat === "master") await this.openOwnDevices();
    } catch (error) {
      if (error instanceof ApiError && error.notSignedIn) goToSignIn();
      else if (error instanceof ApiError && error.status === 404) this.stage = "nowhere";
      else this.trouble = say(error);
    }
  }

  /** Beside a classroom's own agent a browser only controls; the address may insist. */
  private chooseSeat(lesson: Lesson): Seat {
    const asked = this.asked.get("role");
    if (asked === "master" || asked === "assistant") return asked;
    return masterRoom(lesson)?.online ? "assistant" : "master";
  }

  private async openOwnDevices(): Promise<void> {
    await this.media.open("camera");
    await this.media.open("microphone");
  }

  private enter(): void {
    this.bell = new AudioContext();
    const master = this.seat === "master";
    // Beside the classroom's own loudspeakers a second set would howl.
    this.silent = !master;
    this.client = new RoomClient({
      publish: master ? ["camera", "microphone", "screen"] : [],
      receiveAudio: SOUND_SLOTS,
      receiveVideo: ROOM_SLOTS + (master ? 0 : MASTER_SLOTS),
      name: this.lesson?.teacher ?? "",
      ticket: async () => {
        const grant = await joinLesson(this.session, {
          role: this.seat,
          name: this.lesson?.teacher,
        });
        return { token: grant.token, sfuUrl: grant.sfu_url };
      },
      changed: (view) => this.changed(view),
    });
    for (const device of ["camera", "microphone", "screen"] as const) {
      const track = this.media.stream(device)?.getTracks()[0];
      if (track) void this.client.publish(device, track);
    }
    this.stage = "in";
    this.client.start();
    if (master) this.client.setOwnMuted(this.media.muted);
  }

  private changed(view: RoomView): void {
    this.view = view;
    this.noticeHands();
    if (view.complaint !== null) {
      this.speak(pick(view.complaint));
      this.client?.dismissComplaint();
    }
    if (view.phase === "ended" || view.phase === "refused") this.leave(view);
  }

  private leave(view: RoomView): void {
    this.stage = "over";
    this.trouble = view.refusal === null ? "" : pick(view.refusal);
    this.client = null;
    this.media.closeAll();
  }

  /** One chime and one sentence for all hands that went up since the last look. */
  private noticeHands(): void {
    const up = hands(this.view);
    const fresh = up.filter((each) => !this.handsSeen.has(each.id));
    this.handsSeen = new Set(up.map((each) => each.id));
    // Answered: what was said of it would only cover the pictures.
    if (up.length === 0 && this.toast === this.handsToast) this.toast = "";
    if (fresh.length === 0) return;
    if (this.bell !== null) chime(this.bell);
    const names = fresh.map((each) => each.name).join(t("list.and"));
    this.handsToast = t("hand.raised_by", { rooms: names });
    this.speak(this.handsToast);
  }

  private pressed(event: KeyboardEvent): void {
    if (this.stage !== "in" || this.view.me === "" || typing(event)) return;
    const action = actionOf(event);
    if (action === null || this.confirm.isOpen) return;
    // Behind the open list of keys nothing else may happen unseen.
    if (this.help.isOpen && action !== "help") return;
    event.preventDefault();
    if (typeof action === "number") {
      const who = this.tiles()[action - 1]?.who;
      if (who) this.setStage(who, !who.on_stage);
    } else this.act(action);
  }

  private act(action: Action): void {
    const deeds: Record<Action, () => void> = {
      microphone: () => this.toggleMicrophone(),
      camera: () => void this.toggle("camera"),
      screen: () => void this.toggle("screen"),
      mute_all: () => this.muteAll(),
      answer_hand: () => this.answerFirstHand(),
      clear_stage: () => this.clearStage(),
      sound: () => this.toggleSound(),
      help: () => this.help.toggle(),
    };
    deeds[action]();
  }

  private async toggle(device: Device): Promise<void> {
    if (this.seat !== "master") return;
    if (this.media.has(device)) this.media.close(device);
    else await this.media.open(device);
  }

  private toggleMicrophone(): void {
    if (this.seat !== "master") return;
    if (!this.media.has("microphone")) {
      void this.media.open("microphone").then((open) => open && this.muteOwn(false));
      return;
    }
    this.muteOwn(!this.media.muted);
  }

  private muteOwn(muted: boolean): void {
    this.media.mute(muted);
    this.client?.setOwnMuted(muted);
  }

  private toggleSound(): void {
    this.silent = !this.silent;
    void this.sound.unblock();
  }

  /** A hand may have been raised at a classroom's screen: its agent goes on stage. */
  private callUp(hand: ParticipantState): void {
    const seat = hand.site_room == null ? null : seatOf(rooms(this.view), hand.site_room);
    if (seat !== null && seat.id !== hand.id) {
      this.client?.send({ type: "lower_hand", participant: hand.id });
    }
    this.setStage(seat ?? hand, true);
  }

  private setStage(who: ParticipantState, onStage: boolean): void {
    this.tell(this.client?.send({ type: "set_stage", participant: who.id, on_stage: onStage }));
  }

  private setMuted(who: ParticipantState, muted: boolean): void {
    this.tell(this.client?.send({ type: "set_muted", participant: who.id, muted }));
  }

  private muteAll(): void {
    for (const each of rooms(this.view)) {
      if (!each.muted) this.setMuted(each, true);
    }
    this.speak(t("mute_all.done"));
  }

  private clearStage(): void {
    for (const each of rooms(this.view)) {
      if (each.on_stage) this.setStage(each, false);
    }
  }

  private answerFirstHand(): void {
    const [first] = hands(this.view);
    if (first) this.callUp(first);
  }

  private speak(text: string): void {
    this.toast = text;
    window.clearTimeout(this.toastTimer);
    this.toastTimer = window.setTimeout(() => {
      this.toast = "";
    }, TOAST_MS);
  }

  private tell(sent: boolean | undefined): void {
    if (!sent) this.speak(t("error.not_connected"));
  }

  private async extend(): Promise<void> {
    try {
      this.lesson = await extendLesson(this.session, EXTEND_MIN);
      this.speak(t("extend.done", { time: clockTime(this.lesson.ends_at) }));
    } catch (error) {
      this.speak(say(error));
    }
  }

  private async resume(): Promise<void> {
    try {
      const rest = await resumeLesson(this.session);
      location.assign(`/teach?session=${encodeURIComponent(rest.session)}`);
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private async end(): Promise<void> {
    try {
      await endLesson(this.session);
      this.endedHere = true;
    } catch (error) {
      this.speak(say(error));
    }
  }

  private tiles(): TileFacts[] {
    const booked = this.lesson === null ? [] : teachingPoints(this.lesson);
    return makeTiles(this.view, booked).map((tile) => ({
      ...tile,
      stream: this.client?.stream(tile.slot) ?? null,
      frozen: tile.slot !== null && (this.client?.frozenS(tile.slot.mid) ?? 0) > FROZEN_S,
    }));
  }

  override render(): TemplateResult {
    if (this.stage === "in" && this.view.me !== "") return this.renderConsole();
    return html`<div class="door">${this.renderDoor()}</div>`;
  }

  private renderDoor(): TemplateResult {
    if (this.stage === "over") return this.renderOver();
    if (this.stage === "nowhere") {
      return html`<p role="alert">${t("teach.which")}</p>
        <a class="button primary" href="/">${t("nav.back_today")}</a>`;
    }
    if (this.trouble !== "") {
      return html`<p role="alert">${this.trouble}</p>
        <button class="primary" @click=${() => void this.load()}>${t("wait.again")}</button>
        <a class="button" href="/">${t("nav.back_today")}</a>`;
    }
    if (this.stage === "loading" || this.lesson === null) {
      return html`<tk-wait message=${t("teach.loading")} @again=${() => void this.load()}></tk-wait>`;
    }
    if (this.stage === "in") {
      return html`<tk-wait message=${t("teach.joining")} late=${t("teach.join_late")} @again=${() => location.reload()}></tk-wait>`;
    }
    return this.renderReady(this.lesson);
  }

  private renderOver(): TemplateResult {
    const reason = this.view.bye ?? "lesson_ended";
    const words = reason === "lesson_ended" ? t("teach.over") : t("teach.parted");
    return html`<h1>${this.lesson?.title ?? ""}</h1>
      <p role="status">${this.trouble || words}</p>
      ${this.endedHere && this.now < (this.lesson?.ends_at ?? 0)
        ? html`<button id="resume" @click=${() => void this.resume()}>
            ${t("resume.do")}
          </button>`
        : nothing}
      <a class="button primary" href="/">${t("nav.back_today")}</a>
      <a class="button" href="/library">${t("teach.to_library")}</a>`;
  }

  private renderReady(lesson: Lesson): TemplateResult {
    const enter = html`<button class="primary" id="enter" @click=${this.enter}>
      ${t("teach.enter")}
    </button>`;
    const head = html`<h1>${lesson.title}</h1>
      <p class="soft">${lesson.subject} · ${lesson.grade} · ${lesson.teacher}</p>`;
    if (this.seat === "assistant") {
      return html`${head}
        <p>${t("teach.beside_agent")}</p>
        ${enter}`;
    }
    return html`${head}
      <div class="preview">
        ${ownCamera(this.media)}
        <div class="side">
          <p>${t(this.media.has("microphone") ? "own.speak_to_test" : "own.microphone_off")}</p>
          ${levelMeter(this.level)}
          ${this.toast === "" ? nothing : html`<p role="alert">${this.toast}</p>`}
          ${enter}
        </div>
      </div>`;
  }

  private renderConsole(): TemplateResult {
    const lesson = this.lesson;
    const tiles = this.tiles();
    const media = this.seat === "master" ? this.media : null;
    return html`
      ${consoleHeader(this.view, lesson?.title ?? "", lesson?.ends_at ?? this.now, this.now)}
      <div class="body">
        <tk-wall .count=${tiles.length}>
          ${repeat(
            tiles,
            (tile) => tile.siteRoom,
            (tile) => html`<tk-tile
              .facts=${tile}
              ?control=${this.view.control}
              @stage=${(event: CustomEvent<boolean>) =>
                tile.who && this.setStage(tile.who, event.detail)}
              @mute=${(event: CustomEvent<boolean>) =>
                tile.who && this.setMuted(tile.who, event.detail)}
            ></tk-tile>`,
          )}
        </tk-wall>
        <aside>
          ${handsPanel(this.view, (who) => this.callUp(who))} ${speakerPanel(this.view)}
          ${media
            ? ownPanel(media, this.level, this.unheard)
            : masterPanel(this.view, (slot) => this.client?.stream(slot) ?? null)}
        </aside>
      </div>
      ${controlBar(
        { media, silent: this.silent },
        (action) => this.act(action),
        () => void this.extend(),
        () => this.confirm.open(),
      )}
      ${this.renderToast()}
      <tk-sound
        .streams=${this.client?.audioStreams() ?? []}
        ?silent=${this.silent}
        @blocked=${(event: CustomEvent<boolean>) => {
          this.blocked = event.detail;
        }}
      ></tk-sound>
      <tk-help></tk-help>
      <tk-confirm
        heading=${t("end.title")}
        text=${t("end.text")}
        yes=${t("end.yes")}
        @confirmed=${() => void this.end()}
      ></tk-confirm>
    `;
  }

  private renderToast(): TemplateResult | typeof nothing {
    const text = this.blocked && !this.silent ? t("room.sound_blocked") : this.toast;
    if (text === "") return nothing;
    return html`<div class="notice" role="alert">
      <span>${text}</span>
      <button
        @click=${() => {
          this.toast = "";
          void this.sound.unblock();
        }}
      >
        ${t("notice.ok")}
      </button>
    </div>`;
  }
}

