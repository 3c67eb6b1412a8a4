// Today's timetable: which lesson is when, how it stands, and the door into it.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { ownWeeks } from "../client/address";
import { ApiError, may, type Person, say, whoAmI } from "../client/api";
import type { Viewed } from "../client/board";
import { clockTime, dayName, pick, t, word } from "../client/i18n";
import {
  isOpen,
  isOver,
  type Lesson,
  masterRoom,
  teachingPoints,
  today,
  type Today,
} from "../client/lessons";
import { goToSignIn, takeKeyFromAddress } from "../client/session";
import { Every } from "../client/watch";
import "../ui/calendar-links";
import { deskStyle } from "../ui/desk-style";
import "../ui/header";
import "../ui/my-changes";
import { shared } from "../ui/style";
import "../ui/wait";

const REFRESH_MS = 5000;
/** Of more classrooms than this the rest is counted: the door must stay in sight. */
const MOST_NAMED = 4;
const NOBODY = { teacher: null, school: null };

@customElement("tk-today")
export class TodayPage extends LitElement {
  @state() private lessons: Lesson[] | null = null;
  @state() private person: Person | null = null;
  /** Whose weeks are theirs. */
  @state() private own: Viewed[] = [];
  @state() private trouble = "";
  @state() private warnings: Today["warnings"] = [];

  static override styles = [
    shared,
    deskStyle,
    css`
      ol {
        display: grid;
        gap: 14px;
      }
      .none {
        margin-top: 14px;
        text-align: center;
      }
      li {
        display: grid;
        grid-template-columns: 8.5rem minmax(0, 1fr) auto;
        gap: 8px 24px;
        align-items: center;
      }
      li.live {
        border-color: var(--accent);
        box-shadow: inset 6px 0 0 var(--accent);
      }
      li.over {
        background: transparent;
      }
      .when strong {
        display: block;
        font-size: 1.9rem;
        line-height: 1.1;
        font-variant-numeric: tabular-nums;
        font-weight: 650;
      }
      .what h2 {
        font-size: 1.35rem;
      }
      .what p {
        overflow-wrap: anywhere;
      }
      .screens {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        margin: 8px 0;
      }
      summary {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: var(--target);
        cursor: pointer;
      }
      summary::before {
        content: "▸";
      }
      details[open] > summary::before {
        content: "▾";
      }
      .doors {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
        justify-content: flex-end;
        align-items: center;
      }
      .doors .primary {
        min-height: 60px;
        font-size: 1.15rem;
        padding: 0 1.6em;
      }
      tk-my-changes {
        display: block;
        margin-bottom: 16px;
      }
      .mine {
        display: grid;
        gap: 12px;
        margin-top: 32px;
      }
      .mine .doors {
        justify-content: flex-start;
      }
      @media (max-width: 1000px) {
        li {
          grid-template-columns: 1fr auto;
        }
        .what,
        .doors {
          grid-column: 1 / -1;
        }
        .doors {
          justify-content: stretch;
        }
        .doors .button {
          flex: 1 0 auto;
        }
      }
    `,
  ];

  constructor() {
    super();
    new Every(this, REFRESH_MS, () => this.refresh());
  }

  private async refresh(): Promise<void> {
    try {
      if (this.person === null) {
        await takeKeyFromAddress();
        this.person = await whoAmI();
        this.own = ownWeeks(this.person);
      }
      const { lessons, warnings } = await today();
      this.lessons = lessons;
      this.warnings = warnings;
      this.trouble = "";
    } catch (error) {
      if (error instanceof ApiError && error.notSignedIn) goToSignIn();
      else this.trouble = say(error);
    }
  }

  override render(): TemplateResult {
    return html`<tk-header here="/" .person=${this.person}></tk-header>
      <main>
        <div class="title">
          <h1>${t("today.title")}</h1>
          <span class="soft">${dayName(Date.now() / 1000)}</span>
        </div>
        ${this.trouble === "" ? nothing : html`<p class="alert" role="alert">${this.trouble}</p>`}
        ${this.warnings.map((each) => html`<p class="alert" role="alert">${pick(each)}</p>`)}
        ${this.renderChanges()} ${this.renderLessons()} ${this.renderMine()}
      </main>`;
  }

  private renderChanges(): TemplateResult | typeof nothing {
    const { teacher, school } = this.person ?? NOBODY;
    if (teacher === null && school === null) return nothing;
    const urgent = this.lessons?.some((each) => isOpen(each.state)) ?? false;
    return html`<tk-my-changes .teacher=${teacher} .school=${school} ?quiet=${urgent}></tk-my-changes>`;
  }

  /** The whole week, and an address for the calendar of one's phone. */
  private renderMine(): TemplateResult | typeof nothing {
    if (this.own.length === 0 || this.lessons === null) return nothing;
    return html`<section class="mine" id="mine">
      <h2>${t("mine.title")}</h2>
      <div class="doors">
        ${this.own.map(
          ({ side, id }) =>
            html`<a class="button" href=${`/timetable?by=${side}&of=${encodeURIComponent(id)}`}
              >${t(side === "school" ? "mine.school_week" : "mine.week")}</a
            >`,
        )}
      </div>
      <tk-calendar-links class="card" .own=${this.own}></tk-calendar-links>
    </section>`;
  }

  private renderLessons(): TemplateResult | typeof nothing {
    if (this.lessons === null) {
      if (this.trouble !== "") return nothing;
      return html`<tk-wait message=${t("today.loading")} @again=${() => void this.refresh()}></tk-wait>`;
    }
    if (this.lessons.length === 0) return this.renderNone();
    return html`<ol>
      ${repeat(
        this.lessons,
        (each) => each.session,
        (each) => this.renderLesson(each),
      )}
    </ol>`;
  }

  private renderNone(): TemplateResult {
    const plans = this.person !== null && may(this.person, "timetabler");
    return html`<p class="empty">${t("today.none")}</p>
      ${plans ? html`<p class="none"><a class="button" href="/timetable">${t("today.to_timetable")}</a></p>` : nothing}`;
  }

  private renderLesson(lesson: Lesson): TemplateResult {
    const looks = isOver(lesson.state) ? "over" : isOpen(lesson.state) ? "live" : "";
    const here = lesson.rooms.filter((each) => each.present).length;
    return html`<li class="card ${looks}">
      <div class="when">
        <strong>${clockTime(lesson.starts_at)}</strong>
        <span class="soft">${t("today.until", { time: clockTime(lesson.ends_at) })}</span>
      </div>
      <div class="what">
        <h2>${lesson.title}</h2>
        <p>
          ${[periodOf(lesson), lesson.subject, lesson.grade, lesson.teacher].filter(Boolean).join(" · ")}
        </p>
        <p class="soft">
          ${masterRoom(lesson)?.name ?? lesson.school} → ${namesOf(teachingPoints(lesson))}
        </p>
        ${this.renderScreens(lesson)}
        <span class="state ${toneOf(lesson)}">${word("state", lesson.state)}</span>
        ${lesson.state === "failed" || lesson.state === "cancelled"
          ? html`<span class="soft">${pick({ zh: lesson.reason_zh, en: lesson.reason_en })}</span>`
          : nothing}
        ${here > 0 && isOpen(lesson.state)
          ? html`<span class="soft">${t("today.present", { n: here, all: lesson.rooms.length })}</span>`
          : nothing}
      </div>
      <div class="doors">${this.renderDoors(lesson)}</div>
    </li>`;
  }

  /** For the assistant in a classroom: its big screen, one touch away. */
  private renderScreens(lesson: Lesson): TemplateResult | typeof nothing {
    if (this.person === null || !isOpen(lesson.state)) return nothing;
    if (!may(this.person, "teacher", "assistant")) return nothing;
    const points = teachingPoints(lesson);
    const doors = points.map(
      ({ id, name }) => html`<a class="button" href="/room?site_room=${id}">${name}</a>`,
    );
    if (points.length > MOST_NAMED) {
      return html`<details>
        <summary>${t("today.room_screens", { n: points.length })}</summary>
        <div class="screens">${doors}</div>
      </details>`;
    }
    return html`<div class="screens"><span class="soft">${t("today.room_screen")}</span>${doors}</div>`;
  }

  private renderDoors(lesson: Lesson): TemplateResult | typeof nothing {
    const person = this.person;
    if (person === null) return nothing;
    const session = encodeURIComponent(lesson.session);
    if (isOver(lesson.state)) {
      return lesson.resource === null
        ? nothing
        : html`<a class="button" href="/library?resource=${lesson.resource}"
            >${t("today.recording")}</a
          >`;
    }
    if (!isOpen(lesson.state)) return nothing;
    const teacher = may(person, "teacher", "assistant");
    const watches = may(person, "observer", "librarian", "timetabler");
    return html`
      ${watches
        ? html`<a class="button" href="/room?session=${session}">${t("today.watch")}</a>`
        : nothing}
      ${lesson.recording_state === "recording"
        ? html`<a class="button" href="/library?live=${session}">${t("today.from_start")}</a>`
        : nothing}
      ${teacher
        ? html`<a class="button primary" href="/teach?session=${session}">${t("today.teach")}</a>`
        : nothing}
    `;
  }
}

/** A lesson outside the bell schedule is named by its time, which stands beside it. */
function periodOf({ period, starts_at }: Lesson): string {
  return period === clockTime(starts_at) ? "" : period;
}

function namesOf(rooms: { name: string }[]): string {
  const named = rooms.slice(0, MOST_NAMED).map((each) => each.name).join(t("list.and"));
  return rooms.length > MOST_NAMED ? t("week.and_more", { list: named, n: rooms.length }) : named;
}

function toneOf(lesson: Lesson): string {
  if (lesson.state === "live") return "good";
  if (lesson.state === "failed") return "bad";
  return isOpen(lesson.state) ? "warn" : "quiet";
}
