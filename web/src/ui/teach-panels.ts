// The parts of the teacher's console that only show: each is a function of what the
// page knows, and of the deeds it offers.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { duration, t } from "../client/i18n";
import type { OwnMedia } from "../client/own-media";
import { hands, master, type RoomView, slotOf } from "../client/roomview";
import type { Action } from "../client/shortcuts";
import type { ParticipantState, SlotState, Source } from "../client/wire";
import { icon, type IconName } from "./icons";
import "./video";

export function consoleHeader(
  view: RoomView,
  title: string,
  endsAt: number,
  now: number,
): TemplateResult {
  const left = (view.room?.ends_at ?? endsAt) - now;
  const recording = view.room?.recording ?? false;
  const joined = view.phase === "joined";
  const line = view.line === null ? t("line.measuring") : t(`line.${view.line}`);
  return html`<header>
    <a href="/" aria-label=${t("nav.back_today")}>${icon("back")}</a>
    <h1>${title || view.room?.title}</h1>
    <span class="fact rec ${recording ? "" : "off"}"
      >${t(recording ? "recording.mark" : "recording.off")}</span
    >
    <span class="fact"
      >${left > 0 ? t("time.left", { time: duration(left) }) : t("time.over")}</span
    >
    <span class="fact ${joined ? (view.line ?? "") : "poor"}" role="status"
      >${joined ? line : t("line.lost")}</span
    >
  </header>`;
}

export function handsPanel(
  view: RoomView,
  callUp: (who: ParticipantState) => void,
): TemplateResult {
  const up = hands(view);
  return html`<section class="hands" aria-live="polite">
    <h2>${t("hand.list")}<span class="soft">${up.length}</span></h2>
    ${up.length === 0 ? html`<p class="soft">${t("hand.none")}</p>` : nothing}
    <ol>
      ${repeat(
        up,
        (each) => each.id,
        (each, index) => html`<li>
          <span>${index + 1}. ${each.name}</span>
          <button class="primary" @click=${() => callUp(each)}>${t("stage.up")}</button>
        </li>`,
      )}
    </ol>
  </section>`;
}

export function levelMeter(level: number): TemplateResult {
  return html`<meter min="0" max="1" .value=${level} aria-label=${t("own.level")}></meter>`;
}

export function ownCamera(media: OwnMedia): TemplateResult {
  return html`<tk-video
    mirror
    .stream=${media.stream("camera")}
    instead=${media.has("camera") ? "" : t("own.camera_off")}
  ></tk-video>`;
}

/** What this browser sends. */
export function ownPanel(media: OwnMedia, level: number, silent: boolean): TemplateResult {
  return html`<section>
    <h2>${t("own.title")}</h2>
    <div class="own ${media.has("screen") ? "pair" : ""}">
      ${ownCamera(media)}
      ${media.has("screen")
        ? html`<tk-video .stream=${media.stream("screen")}></tk-video>`
        : nothing}
    </div>
    ${silent ? nothing : html`<p class="soft">${t(media.heard ? "own.heard" : "own.muted")}</p>`}
    ${levelMeter(level)}
    ${silent ? html`<p class="silent" role="alert">${t("own.silent")}</p>` : nothing}
  </section>`;
}

/** What the master classroom's own agent sends. */
export function masterPanel(
  view: RoomView,
  streamOf: (slot: SlotState) => MediaStream | null,
): TemplateResult {
  const teacher = master(view);
  const sources: Source[] = ["camera", "screen", "board"];
  const slots = sources
    .map((source) => teacher && slotOf(view, teacher.id, source))
    .filter((slot) => slot !== null);
  return html`<section>
    <h2>${t("own.master_room")}</h2>
    <div class="own ${slots.length > 1 ? "pair" : ""}">
      ${repeat(
        slots,
        (slot) => slot.mid,
        (slot) => html`<tk-video .stream=${streamOf(slot)}></tk-video>`,
      )}
    </div>
    <p class="soft">${teacher?.name ?? t("own.master_away")}</p>
  </section>`;
}

export function speakerPanel(view: RoomView): TemplateResult {
  const id = view.room?.dominant_speaker;
  const speaker = view.room?.participants.find((each) => each.id === id);
  const name = speaker?.id === view.me ? t("own.me") : speaker?.name;
  return html`<section class="speaker">
    <h2>${t("speaker.title")}</h2>
    <p>${name ?? html`<span class="soft">${t("speaker.none")}</span>`}</p>
  </section>`;
}

/** 拖堂: one press. */
export const EXTEND_MIN = 5;

export interface BarFacts {
  /** null where this browser publishes nothing. */
  media: OwnMedia | null;
  silent: boolean;
}

export function controlBar(
  { media, silent }: BarFacts,
  act: (action: Action) => void,
  extend: () => void,
  end: () => void,
): TemplateResult {
  const key = (action: Action, mark: IconName, text: string, on: boolean): TemplateResult =>
    html`<button id=${action} aria-pressed=${on} @click=${() => act(action)}>
      ${icon(mark)}${text}
    </button>`;
  return html`<div class="bar">
    ${media === null ? nothing : ownKeys(media, key)}
    ${key(
      "sound",
      silent ? "soundOff" : "sound",
      t(silent ? "bar.sound_on" : "bar.sound_off"),
      !silent,
    )}
    <button id="mute_all" @click=${() => act("mute_all")}>
      ${icon("micOff")}${t("mute_all.do")}
    </button>
    <span class="space"></span>
    <button id="help" @click=${() => act("help")}>${icon("keyboard")}${t("help.open")}</button>
    <button id="extend" @click=${extend}>
      ${icon("plus")}${t("extend.do", { minutes: EXTEND_MIN })}
    </button>
    <button class="danger" id="end" @click=${end}>${icon("stop")}${t("end.do")}</button>
  </div>`;
}

function ownKeys(
  media: OwnMedia,
  key: (action: Action, mark: IconName, text: string, on: boolean) => TemplateResult,
): TemplateResult {
  const camera = media.has("camera");
  const screen = media.has("screen");
  return html`
    ${key(
      "microphone",
      media.heard ? "mic" : "micOff",
      t(media.heard ? "bar.microphone_off" : "bar.microphone_on"),
      media.heard,
    )}
    ${key(
      "camera",
      camera ? "camera" : "cameraOff",
      t(camera ? "bar.camera_off" : "bar.camera_on"),
      camera,
    )}
    ${key("screen", "screen", t(screen ? "bar.screen_off" : "bar.screen_on"), screen)}
  `;
}
