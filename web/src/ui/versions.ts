// All editions of a term: which one runs, which are in the making, which ran before,
// who published them and what they changed. Any can be looked at, compared and copied.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { say } from "../client/api";
import { compareWith, type Comparison, type Edition, historyOf, type Step } from "../client/editions";
import { clockTime, dateName, pick, t, word } from "../client/i18n";
import { FIRST } from "../client/importing";
import { ranBefore, ranUntil } from "../client/versions";
import { isSame, renderDifferences, renderSums } from "./comparison";
import "./dialogs";
import { type Confirm, dialogStyle } from "./dialogs";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./wait";

type Look = "before" | "published" | "steps";

/** What is unfolded below one of the editions. */
interface Shown {
  edition: string;
  look: Look;
  found: { is: "wait" } | { is: "failed"; why: string } | { is: "comparison"; of: Comparison } | { is: "steps"; of: Step[] };
}

@customElement("tk-versions")
export class Versions extends LitElement {
  @property({ attribute: false }) editions: Edition[] = [];
  /** The one on the desk. */
  @property() edition = "";
  @property({ type: Boolean }) fixed = false;
  @state() private shown: Shown | null = null;
  @state() private leaving: Edition | null = null;
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("tk-confirm") private confirm!: Confirm;

  static override styles = [
    shared,
    dialogStyle,
    panelStyle,
    css`
      :host {
        display: contents;
      }
      dialog {
        width: min(96vw, 52rem);
        max-width: none;
        max-height: 92dvh;
        padding: 20px clamp(14px, 3vw, 28px);
        overflow: auto;
      }
      .head {
        position: sticky;
        top: -20px;
        z-index: 1;
        display: flex;
        justify-content: space-between;
        align-items: center;
        gap: 12px;
        margin: -20px 0 0;
        padding: 12px 0;
        background: var(--panel);
      }
      .head h2 {
        margin: 0;
      }
      h3 {
        margin: 16px 0 8px;
      }
      .list > li {
        display: grid;
        gap: 8px;
        background: var(--ground);
      }
      .list > li[aria-current] {
        border-left-color: var(--accent);
      }
      .list .deeds button {
        margin: 0;
      }
      .found {
        display: grid;
        gap: 10px;
        padding-top: 8px;
        border-top: 1px solid var(--edge);
      }
      .sums {
        grid-template-columns: repeat(auto-fit, minmax(6rem, 1fr));
      }
      .undone {
        text-decoration: line-through;
        color: var(--text-soft);
      }
    `,
  ];

  open(): void {
    this.shown = null;
    this.dialog.showModal();
  }

  private emit(name: string, detail: unknown): void {
    this.dialog.close();
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  private async ask(): Promise<void> {
    await this.updateComplete;
    await this.confirm.updateComplete;
    this.confirm.open();
  }

  private get published(): Edition | undefined {
    return this.editions.find((each) => each.state === "published");
  }

  private async look(edition: Edition, look: Look): Promise<void> {
    const { shown } = this;
    if (shown?.edition === edition.id && shown.look === look && shown.found.is !== "failed") {
      this.shown = null;
      return;
    }
    const asked: Shown = { edition: edition.id, look, found: { is: "wait" } };
    this.shown = asked;
    const found = await this.find(edition, look);
    // Something else may have been asked for meanwhile.
    if (this.shown === asked) this.shown = { ...asked, found };
  }

  private async find(edition: Edition, look: Look): Promise<Shown["found"]> {
    try {
      if (look === "steps") return { is: "steps", of: await historyOf(edition.id) };
      const other = look === "before" ? ranBefore(this.editions, edition)?.id : "published";
      return { is: "comparison", of: await compareWith(edition.id, other ?? "published") };
    } catch (error) {
      return { is: "failed", why: say(error) };
    }
  }

  // --- drawing ---------------------------------------------------------------------

  override render(): TemplateResult {
    const drafts = this.editions.filter((each) => each.state === "draft");
    const past = this.editions
      .filter((each) => each.state === "past")
      .sort((a, b) => (b.published_at ?? b.made_at) - (a.published_at ?? a.made_at));
    return html`<dialog aria-labelledby="heading">
        <div class="head">
          <h2 id="heading">${t("versions.title")}</h2>
          <button id="close" @click=${() => this.dialog.close()}>${t("help.close")}</button>
        </div>
        ${this.renderGroup(t("versions.published"), this.published === undefined ? [] : [this.published])}
        ${this.published === undefined ? html`<p class="soft">${t("versions.none")}</p>` : nothing}
        ${this.renderGroup(t("versions.drafts"), drafts)} ${this.renderGroup(t("versions.past"), past)}
      </dialog>
      ${this.leaving === null ? nothing : this.renderQuestion(this.leaving)}`;
  }

  private renderQuestion(leaving: Edition): TemplateResult {
    return html`<tk-confirm
      heading=${t("versions.delete_ask")}
      text=${t("versions.delete_text", { name: nameOf(leaving) })}
      yes=${t("edition.yes_delete")}
      no=${t("edition.no")}
      @confirmed=${() => this.emit("delete-edition", leaving.id)}
    ></tk-confirm>`;
  }

  private renderGroup(title: string, all: Edition[]): TemplateResult | typeof nothing {
    if (all.length === 0) return nothing;
    return html`<h3>${title}</h3>
      <ul class="list">
        ${all.map((each) => this.renderOne(each))}
      </ul>`;
  }

  private renderOne(edition: Edition): TemplateResult {
    const here = edition.id === this.edition;
    return html`<li aria-current=${here ? "true" : nothing} data-edition=${edition.id}>
      <div>
        <strong>${nameOf(edition)}</strong> · ${word("edition_state", edition.state)}${here
          ? html` · ${t("versions.here")}`
          : nothing}
        <br /><span class="soft">${storyOf(this.editions, edition)}</span>
      </div>
      <div class="deeds">${this.renderDeeds(edition, here)}</div>
      ${this.shown?.edition === edition.id ? this.renderFound(edition, this.shown) : nothing}
    </li>`;
  }

  private renderDeeds(edition: Edition, here: boolean): TemplateResult {
    const isDraft = edition.state === "draft";
    const look = (what: Look, says: string): TemplateResult =>
      html`<button
        data-look=${what}
        aria-expanded=${this.shown?.edition === edition.id && this.shown.look === what}
        @click=${() => void this.look(edition, what)}
      >
        ${says}
      </button>`;
    return html`${here
        ? nothing
        : html`<button data-deed="open" @click=${() => this.emit("choose-edition", edition.id)}>
            ${t(isDraft && !this.fixed ? "versions.open" : "versions.view")}
          </button>`}
      ${ranBefore(this.editions, edition) === undefined ? nothing : look("before", t("versions.before"))}
      ${edition.state === "published" || this.published === undefined
        ? nothing
        : look("published", t("versions.compare"))}
      ${look("steps", t("versions.steps"))}
      ${this.fixed
        ? nothing
        : html`<button
            data-deed="copy"
            @click=${() => this.emit("new-edition", { name: t("versions.copy_name", { name: nameOf(edition) }).slice(0, 80), copyOf: edition.id })}
          >
            ${icon("copy")}${t("versions.copy")}
          </button>`}
      ${this.fixed || edition.state !== "past"
        ? nothing
        : html`<button
            class="danger"
            data-deed="delete"
            @click=${() => {
              this.leaving = edition;
              void this.ask();
            }}
          >
            ${icon("trash")}${t("edition.yes_delete")}
          </button>`}`;
  }

  private renderFound(edition: Edition, { look, found }: Shown): TemplateResult {
    switch (found.is) {
      case "wait":
        return html`<p class="found" role="status">${t("versions.looking")}</p>`;
      case "failed":
        return html`<div class="found">
          <p role="alert">${found.why}</p>
          <div><button @click=${() => void this.look(edition, look)}>${t("wait.again")}</button></div>
        </div>`;
      case "comparison":
        return html`<div class="found">
          <p class="soft">${this.sayOf(edition, look)}</p>
          ${isSame(found.of)
            ? html`<p>${t("versions.same")}</p>`
            : html`${renderSums(found.of)} ${renderDifferences(found.of)}`}
        </div>`;
      case "steps":
        return renderSteps(found.of);
    }
  }

  private sayOf(edition: Edition, look: Look): string {
    if (look === "published") return t("versions.against_published");
    const before = ranBefore(this.editions, edition);
    return t("versions.against_before", { name: before === undefined ? "" : nameOf(before) });
  }
}

/** The newest first. */
function renderSteps(steps: Step[]): TemplateResult {
  if (steps.length === 0) return html`<p class="found">${t("versions.no_steps")}</p>`;
  const newest = [...steps].reverse();
  return html`<div class="found">
    <ul class="list">
      ${newest.slice(0, FIRST).map(
        (each) =>
          html`<li>
            <span class=${each.done ? "" : "undone"}>${pick(each)}</span>
            <small class="soft">
              ${each.by} ${dateName(each.at)} ${clockTime(each.at)}${each.done ? "" : ` · ${t("versions.undone")}`}
            </small>
          </li>`,
      )}
      ${newest.length > FIRST ? html`<li>${t("cell.more", { n: newest.length - FIRST })}</li>` : nothing}
    </ul>
  </div>`;
}

const nameOf = (edition: Edition): string => edition.name || t("versions.unnamed", { day: dateName(edition.made_at) });

/** Who made or published it, when, and for which days. */
function storyOf(all: Edition[], edition: Edition): string {
  const { published_at, from_day } = edition;
  const placed = t("versions.placed", { n: edition.placed });
  if (published_at === null || from_day === null) {
    return `${t("versions.made", { by: edition.made_by, day: dateName(edition.made_at) })} · ${placed}`;
  }
  const when = `${dateName(published_at)} ${clockTime(published_at)}`;
  const by = edition.published_by === "" ? t("versions.published_on", { when }) : t("versions.published_by", { by: edition.published_by, when });
  const until = ranUntil(all, edition);
  const days =
    until === null
      ? t("versions.from", { from: from_day })
      : until <= from_day
        ? t("versions.never_ran", { from: from_day })
        : t("versions.days", { from: from_day, until });
  return `${by} · ${days} · ${placed}`;
}
