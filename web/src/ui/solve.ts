// The solver, for somebody who has never seen one: how long, what stays, what counts;
// then how far it is, and what came of it.

import { css, html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { Board } from "../client/board";
import {
  explain,
  isAtWork,
  type Job,
  jobOf,
  jobStream,
  type Keep,
  KEEPS,
  putWeighting,
  solve,
  stopJob,
  takeJob,
  type Weighting,
  weightingOf,
  WEIGHTS,
} from "../client/editions";
import { duration, pick, t, word } from "../client/i18n";
import { chartOf, type Progress } from "../client/solving";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";

const TIMES_S = [10, 30, 60, 180, 600];
const USUAL_S = 60;
const CHART = { width: 300, height: 90 };
const MOST_POINTS = 20;
const AGAIN_MS = 3000;

@customElement("tk-solve")
export class Solve extends LitElement {
  @property({ attribute: false }) board!: Board;
  @property() district = "";
  /** A run that was going on when the page was opened. */
  @property({ attribute: false }) running: string | null = null;
  @state() private job: Job | null = null;
  @state() private steps: Progress[] = [];
  @state() private weighting: Weighting | null = null;
  @state() private trouble = "";
  @state() private busy = false;
  /** Unix milliseconds; only for the clock on the page. */
  @state() private now = 0;
  private wasAtWork = false;
  private began = 0;
  /** Unix milliseconds: when the run was last asked for. */
  private asked = 0;
  private ticking = 0;
  private stream: EventSource | null = null;

  static override styles = [
    shared,
    panelStyle,
    css`
      svg.chart {
        width: 100%;
        height: auto;
        border: 1px solid var(--edge);
        border-radius: 8px;
        background: var(--panel);
      }
      .chart path {
        fill: none;
        stroke: var(--accent);
        stroke-width: 2.5;
      }
      .weight {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0 10px;
      }
      .weight small,
      .weight input {
        grid-column: 1 / -1;
      }
      output {
        font-weight: 650;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.attempt(async () => {
      this.weighting = await weightingOf(this.district);
      if (this.running !== null) this.follow(await jobOf(this.running));
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave();
  }

  /** The button that was pressed is gone: the keyboard goes on where the work is. */
  protected override updated(): void {
    const atWork = this.job !== null && isAtWork(this.job);
    // What is asked for is dim until it is answered.
    if (this.busy || atWork === this.wasAtWork) return;
    this.wasAtWork = atWork;
    if (document.activeElement !== document.body) return;
    this.renderRoot.querySelector<HTMLElement>("#stop, #result")?.focus({ preventScroll: true });
  }

  private leave(): void {
    this.stream?.close();
    window.clearInterval(this.ticking);
  }

  private async attempt(deed: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      await deed();
    } catch (error) {
      this.trouble = say(error);
    } finally {
      this.busy = false;
    }
  }

  private start(event: Event): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void this.attempt(async () => {
      this.follow(await solve(this.board.id, Number(form.get("seconds")), form.get("keep") as Keep));
    });
  }

  private askWhy(): void {
    void this.attempt(async () => this.follow(await explain(this.board.id)));
  }

  /** Listens until the run is over, then asks how it ended. */
  private follow(job: Job): void {
    this.job = job;
    this.steps = job.progress === null ? [] : [job.progress];
    this.leave();
    if (!isAtWork(job)) return;
    this.dispatchEvent(new CustomEvent("job-began"));
    this.began = this.now = Date.now() - (job.progress?.seconds ?? 0) * 1000;
    this.asked = Date.now();
    this.ticking = window.setInterval(() => this.tick(job), 500);
    const stream = new EventSource(jobStream(job.id));
    this.stream = stream;
    stream.addEventListener("job", (event: MessageEvent<string>) => {
      this.settle(JSON.parse(event.data) as Job);
    });
  }

  private tick({ id }: Job): void {
    this.now = Date.now();
    // The browser comes back by itself after a broken line, but not after a refusal,
    // such as of a server that is being started again.
    const shut = this.stream?.readyState === EventSource.CLOSED;
    if (!shut || this.busy || this.now - this.asked < AGAIN_MS) return;
    this.asked = this.now;
    void this.attempt(async () => {
      const job = await jobOf(id);
      if (isAtWork(job)) this.follow(job);
      else this.settle(job);
    });
  }

  private settle(job: Job): void {
    this.job = job;
    if (job.progress !== null) this.steps = [...this.steps, job.progress];
    if (isAtWork(job)) return;
    this.leave();
    this.dispatchEvent(new CustomEvent<Job>("job-ended", { detail: job }));
  }

  private stop(): void {
    const { job } = this;
    if (job !== null) void this.attempt(async () => this.settle(await stopJob(job.id)));
  }

  private take(): void {
    const { job } = this;
    if (job === null) return;
    void this.attempt(async () => {
      await takeJob(job.id);
      this.settle(await jobOf(job.id));
    });
  }

  private weigh(name: (typeof WEIGHTS)[number], event: Event): void {
    if (this.weighting === null) return;
    const points = Number((event.currentTarget as HTMLInputElement).value);
    const weighting = { ...this.weighting, [name]: points };
    this.weighting = weighting;
    void this.attempt(async () => {
      await putWeighting(weighting);
      this.dispatchEvent(new CustomEvent("weighed"));
    });
  }

  override render(): TemplateResult {
    return html`<h2>${t("solve.title")}</h2>
      ${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
      ${this.job !== null && isAtWork(this.job) ? this.renderRun(this.job) : this.renderRest()}`;
  }

  private renderRest(): TemplateResult {
    return html`${this.job === null ? html`<p>${t("solve.hint")}</p>` : this.renderEnd(this.job)}
      ${this.board.courses.length === 0
        ? html`<p class="note warn">${t("solve.no_courses")}</p>`
        : this.renderForm()}`;
  }

  private renderForm(): TemplateResult {
    return html`<form @submit=${this.start}>
        <label class="field"
          >${t("solve.time")}
          <select name="seconds">
            ${TIMES_S.map(
              (each) => html`<option value=${each} ?selected=${each === USUAL_S}>${timeName(each)}</option>`,
            )}
          </select></label
        >
        <fieldset>
          <legend>${t("solve.keep")}</legend>
          ${KEEPS.map(
            (each) =>
              html`<label class="choice"
                ><input type="radio" name="keep" value=${each} ?checked=${each === "placed_by_person"} />${t(
                  `keep.${each}`,
                )}</label
              >`,
          )}
        </fieldset>
        <div class="deeds">
          <button class="primary" id="start" ?disabled=${this.busy}>${icon("spark")}${t("solve.start")}</button>
        </div>
      </form>
      ${this.renderWeights()}`;
  }

  private renderWeights(): TemplateResult | typeof nothing {
    const { weighting } = this;
    if (weighting === null) return nothing;
    return html`<details>
      <summary>${t("weight.title")}</summary>
      <p class="soft">${t("weight.hint")}</p>
      ${WEIGHTS.map(
        (name) =>
          html`<label class="weight"
            ><span>${t(`weight.${name}`)}</span><output>${weighting[name]}</output
            ><input
              type="range"
              aria-label=${t(`weight.${name}`)}
              min="0"
              max="20"
              .value=${String(weighting[name])}
              @change=${(event: Event) => this.weigh(name, event)}
            /><small>${t(`weight_says.${name}`)}</small></label
          >`,
      )}
    </details>`;
  }

  private renderRun(job: Job): TemplateResult {
    const last = this.steps.at(-1);
    const waiting = job.state === "queued" && job.ahead > 0;
    const seconds = Math.max(last?.seconds ?? 0, (this.now - this.began) / 1000);
    return html`<p role="status">
        ${waiting ? t("solve.waiting", { n: job.ahead }) : word("phase", last?.phase ?? "preparing")}
      </p>
      <progress max=${job.seconds} .value=${Math.min(job.seconds, seconds)}></progress>
      <p class="soft">${t("solve.clock", { at: duration(seconds), all: duration(job.seconds) })}</p>
      ${last === undefined || job.kind === "explain" ? nothing : this.renderFigures(last)}
      <div class="deeds">
        <button class="danger" id="stop" ?disabled=${this.busy} @click=${this.stop}>
          ${icon("stop")}${t(job.kind === "solve" ? "solve.stop" : "solve.stop_why")}
        </button>
      </div>`;
  }

  private renderFigures(last: Progress): TemplateResult {
    const path = chartOf(this.steps, CHART.width, CHART.height - 10);
    return html`<div class="sums">
        <div><strong>${last.placed}</strong>${t("solve.placed")}</div>
        <div><strong>${last.unplaced}</strong>${t("solve.unplaced")}</div>
        <div><strong>${last.cost ?? "–"}</strong>${t("solve.cost")}</div>
        <div><strong>${last.bound ?? "–"}</strong>${t("solve.bound")}</div>
      </div>
      ${path === ""
        ? nothing
        : html`<svg class="chart" viewBox="0 0 ${CHART.width} ${CHART.height}" role="img" aria-label=${t("solve.chart")}>
              ${svg`<path d=${path} transform="translate(0 5)"/>`}
            </svg>
            <p class="soft">${t("solve.chart")}</p>`}`;
  }

  private renderEnd(job: Job): TemplateResult {
    const last = job.progress ?? this.steps.at(-1) ?? null;
    const good = job.kind === "solve" && last !== null && last.unplaced === 0 && job.state !== "failed";
    return html`<div class="note ${good ? "good" : "warn"}" id="result" role="status" tabindex="-1">
        <p>${pick(job)}</p>
        ${job.answer === "offered"
          ? html`<button id="take" @click=${this.take} ?disabled=${this.busy}>${t("solve.take")}</button>`
          : nothing}
      </div>
      ${last === null || job.kind === "explain" ? nothing : this.renderFigures(last)}
      ${job.kind === "solve" && !good
        ? html`<div class="deeds">
            <button id="why" @click=${this.askWhy} ?disabled=${this.busy}>${t("solve.why")}</button>
          </div>`
        : nothing}
      ${job.kind === "explain" ? this.renderRules(job) : nothing}`;
  }

  private renderRules(job: Job): TemplateResult {
    if (job.rules.length === 0) return html`<p>${t("why.none")}</p>`;
    return html`<p>${t(job.minimal ? "why.minimal" : "why.some")}</p>
      <ol class="list">
        ${job.rules.slice(0, MOST_POINTS).map(
          (rule) =>
            html`<li class="bad">
              ${pick(rule)}
              <div>
                <button
                  @click=${() => this.dispatchEvent(new CustomEvent("show-rule", { detail: rule }))}
                >
                  ${t("why.show")}
                </button>
              </div>
            </li>`,
        )}
      </ol>`;
  }
}

const timeName = (seconds: number): string =>
  seconds < 60 ? t("solve.seconds", { n: seconds }) : t("solve.minutes", { n: seconds / 60 });
