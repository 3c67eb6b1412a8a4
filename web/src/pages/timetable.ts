// The timetabler's page: a term, an edition of its week, the calendar and the files.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { ownWeeks, readAddress, type Tab, TABS, type Whereabouts, writeAddress } from "../client/address";
import { ApiError, may, type Person, say, whoAmI } from "../client/api";
import {
  deleteEdition,
  type Edition,
  editionsOf,
  newEdition,
  renameEdition,
  type Term,
  terms,
} from "../client/editions";
import type { EditionState, Viewed } from "../client/board";
import { t } from "../client/i18n";
import { goToSignIn, takeKeyFromAddress } from "../client/session";
import { deskStyle } from "../ui/desk-style";
import "../ui/edition-bar";
import type { EditionBar, NewDraft } from "../ui/edition-bar";
import "../ui/exchange";
import "../ui/header";
import { isoDay } from "../ui/publish";
import { shared } from "../ui/style";
import "../ui/term-calendar";
import "../ui/timetable-desk";
import "../ui/wait";

@customElement("tk-timetable")
export class TimetablePage extends LitElement {
  @state() private person: Person | null = null;
  @state() private terms: Term[] | null = null;
  @state() private editions: Edition[] = [];
  @state() private at: Whereabouts = readAddress(new URLSearchParams(location.search));
  @state() private trouble = "";
  @query("tk-edition-bar") private bar!: EditionBar;

  static override styles = [
    shared,
    deskStyle,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100vh;
        height: 100dvh;
        min-height: 0;
      }
      main {
        flex: 1;
        display: flex;
        flex-direction: column;
        gap: 10px;
        width: 100%;
        max-width: none;
        min-height: 0;
        padding: 10px clamp(10px, 2vw, 28px) 12px;
      }
      main.page {
        overflow: auto;
      }
      main.page > * {
        flex: none;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 8px 20px;
      }
      .top tk-edition-bar {
        flex: 1 1 auto;
        min-width: 0;
      }
      .tabs {
        display: flex;
        gap: 4px;
      }
      .tabs button {
        border-color: transparent;
        background: none;
        border-radius: 0;
      }
      .tabs button:hover:not(:disabled) {
        border-color: transparent;
        background: color-mix(in srgb, var(--accent) 10%, transparent);
      }
      .tabs button[aria-selected="true"] {
        font-weight: 650;
        box-shadow: inset 0 -3px 0 var(--accent);
      }
      .begin {
        display: grid;
        gap: 16px;
        justify-items: center;
        max-width: 40rem;
        margin: 4vh auto;
      }
      @media (max-width: 1000px) {
        :host {
          height: auto;
          min-height: 100vh;
        }
      }
      @media (max-width: 640px) {
        main {
          gap: 8px;
        }
        .tabs {
          flex: 1 0 100%;
        }
        .tabs button {
          flex: 1 1 auto;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  /** Their own week is what a teacher comes for, unless they ask for another. */
  private get own(): Viewed | null {
    return this.person === null ? null : (ownWeeks(this.person)[0] ?? null);
  }

  private get fixed(): boolean {
    return this.person === null || !may(this.person, "timetabler");
  }

  private async begin(): Promise<void> {
    await this.attempt(async () => {
      await takeKeyFromAddress();
      this.person = await whoAmI();
      this.terms = await terms();
      await this.chooseTerm(this.at.term);
    });
  }

  private async attempt(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
      this.trouble = "";
    } catch (error) {
      if (error instanceof ApiError && error.notSignedIn) goToSignIn();
      else this.trouble = say(error);
    }
  }

  private go(to: Partial<Whereabouts>): void {
    this.at = { ...this.at, ...to };
    history.replaceState(null, "", location.pathname + writeAddress(this.at));
  }

  private async chooseTerm(wanted: string): Promise<void> {
    const term = this.terms?.find((each) => each.id === wanted) ?? currentTerm(this.terms ?? []);
    if (term === undefined) return;
    this.go({ term: term.id });
    await this.listEditions(this.at.edition);
  }

  private async listEditions(wanted: string): Promise<void> {
    this.editions = await editionsOf(this.at.term);
    // Whoever only looks wants the week that runs, a timetabler the one in the making.
    const states: EditionState[] = this.fixed ? ["published", "draft"] : ["draft", "published"];
    const found =
      this.editions.find((each) => each.id === wanted) ??
      states.map((state) => this.editions.find((each) => each.state === state)).find((each) => each) ??
      this.editions[0];
    this.go({ edition: found?.id ?? "" });
  }

  private make({ name, copyOf }: NewDraft): void {
    void this.attempt(async () => {
      const made = await newEdition(this.at.term, name, copyOf);
      await this.listEditions(made.id);
    });
  }

  private get term(): Term | undefined {
    return this.terms?.find((each) => each.id === this.at.term);
  }

  override render(): TemplateResult {
    return html`<tk-header here="/timetable" .person=${this.person}></tk-header>
      <main class=${this.at.tab === "week" ? "" : "page"}>
        ${this.trouble === "" ? nothing : html`<p class="alert" role="alert">${this.trouble}</p>`}
        ${this.terms === null ? this.renderWait() : this.renderPage(this.terms)}
      </main>`;
  }

  private renderWait(): TemplateResult {
    if (this.trouble !== "") {
      return html`<p><button @click=${() => void this.begin()}>${t("wait.again")}</button></p>`;
    }
    return html`<tk-wait message=${t("today.loading")} @again=${() => void this.begin()}></tk-wait>`;
  }

  private renderPage(all: Term[]): TemplateResult {
    return html`<div class="top">
        <tk-edition-bar
          .terms=${all}
          .editions=${this.at.tab === "week" ? this.editions : []}
          term=${this.at.term}
          edition=${this.at.edition}
          ?fixed=${this.fixed || this.at.tab !== "week" || all.length === 0}
          @choose-term=${(e: CustomEvent<string>) => {
            this.go({ edition: "", viewed: null });
            void this.attempt(() => this.chooseTerm(e.detail));
          }}
          @choose-edition=${(e: CustomEvent<string>) => this.go({ edition: e.detail })}
          @new-edition=${(e: CustomEvent<NewDraft>) => this.make(e.detail)}
          @rename-edition=${(e: CustomEvent<string>) =>
            void this.attempt(async () => {
              await renameEdition(this.at.edition, e.detail);
              await this.listEditions(this.at.edition);
            })}
          @delete-edition=${(e: CustomEvent<string>) =>
            void this.attempt(async () => {
              await deleteEdition(e.detail);
              await this.listEditions("");
            })}
        ></tk-edition-bar>
        <div class="tabs" role="tablist" aria-label=${t("nav.label")}>
          ${TABS.map(
            (tab: Tab) =>
              html`<button role="tab" aria-selected=${tab === this.at.tab} @click=${() => this.go({ tab })}>
                ${t(`tab.${tab}`)}
              </button>`,
          )}
        </div>
      </div>
      ${this.renderTab(all)}`;
  }

  private renderTab(all: Term[]): TemplateResult {
    if (this.at.tab === "files") {
      return html`<tk-exchange
        ?fixed=${this.fixed}
        term=${this.at.term}
        edition=${this.at.edition}
        @imported=${() => void this.begin()}
      ></tk-exchange>`;
    }
    if (all.length === 0 || this.term === undefined) {
      const [says, deed] = this.fixed
        ? [t("begin.nothing_yet"), ""]
        : [t("begin.no_term"), t("begin.to_files")];
      return this.renderBegin(says, deed, () => this.go({ tab: "files" }));
    }
    if (this.at.tab === "calendar") {
      return html`<tk-term-calendar .term=${this.term} ?fixed=${this.fixed}></tk-term-calendar>`;
    }
    if (this.at.edition === "") {
      const text = t(this.fixed ? "begin.nothing" : "begin.no_edition");
      return this.renderBegin(text, this.fixed ? "" : t("edition.new"), () => this.bar.askNew());
    }
    return html`<tk-timetable-desk
      .term=${this.term}
      .editions=${this.editions}
      edition=${this.at.edition}
      .viewed=${this.at.viewed ?? this.own}
      ?fixed=${this.fixed}
      @look=${(e: CustomEvent<Viewed>) => this.go({ viewed: e.detail })}
      @copy-edition=${(e: CustomEvent<string>) => this.make({ name: "", copyOf: e.detail })}
      @open-edition=${(e: CustomEvent<string>) => void this.attempt(() => this.listEditions(e.detail))}
      @to-files=${() => this.go({ tab: "files" })}
      @editions-changed=${() => void this.attempt(() => this.listEditions(this.at.edition))}
    ></tk-timetable-desk>`;
  }

  private renderBegin(text: string, deed: string, act: () => void): TemplateResult {
    return html`<div class="begin">
      <p class="empty">${text}</p>
      ${deed === "" ? nothing : html`<button class="primary" @click=${act}>${deed}</button>`}
    </div>`;
  }
}

/** The term of today, else the next one, else the last one. */
function currentTerm(all: Term[]): Term | undefined {
  const today = isoDay(new Date());
  const inOrder = [...all].sort((a, b) => a.first_day.localeCompare(b.first_day));
  return inOrder.find((each) => each.last_day >= today) ?? inOrder.at(-1);
}
