// The resource library: find a lesson, see how whole it is, play it, take it along.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { ApiError, type Person, queryOf, say } from "../client/api";
import { clockTime, dateName, duration, t } from "../client/i18n";
import {
  EMPTY_SEARCH,
  type Facets,
  facetValues,
  findResources,
  liveResource,
  type Page,
  readSearch,
  type Resource,
  type Search,
} from "../client/library";
import { goToSignIn, personHere, takeKeyFromAddress } from "../client/session";
import "../ui/date-field";
import { deskStyle } from "../ui/desk-style";
import "../ui/header";
import { icon } from "../ui/icons";
import "../ui/resource";
import { shared } from "../ui/style";
import "../ui/wait";
import { wholeMark } from "../ui/whole";

const FILTERS = ["subject", "grade", "teacher", "school"] as const;

@customElement("tk-library")
export class LibraryPage extends LitElement {
  private readonly asked = new URLSearchParams(location.search);
  @state() private search: Search = readSearch(this.asked);
  @state() private page: Page | null = null;
  @state() private facets: Facets | null = null;
  @state() private trouble = "";
  @state() private person: Person | null = null;
  /** The entry that is open; empty: the search is. */
  @state() private opened = this.asked.get("resource") ?? "";
  private readonly live = this.asked.get("live");
  private asking = 0;

  static override styles = [
    shared,
    deskStyle,
    css`
      .find {
        display: flex;
        gap: 10px;
      }
      .find input {
        flex: 1;
        min-width: 0;
        min-height: 60px;
        font-size: 1.15rem;
      }
      .find button {
        min-height: 60px;
      }
      .filters {
        display: grid;
        grid-template-columns: repeat(6, minmax(0, 1fr));
        gap: 10px;
        margin: 14px 0 22px;
      }
      .filters label {
        display: grid;
        gap: 2px;
        min-width: 0;
        font-size: 0.9rem;
        color: var(--text-soft);
      }
      .filters input[type="text"],
      .filters select {
        width: 100%;
        min-width: 0;
        color: var(--text);
        font-size: 1rem;
      }
      .filters input[type="text"] {
        padding: 0 0.4em 0 0.6em;
      }
      @media (max-width: 1100px) {
        .filters {
          grid-template-columns: repeat(3, minmax(0, 1fr));
        }
      }
      @media (max-width: 640px) {
        .filters {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }
      .results {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr));
        gap: 14px;
      }
      .results a {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 4px 12px;
        height: 100%;
        align-content: start;
        text-decoration: none;
      }
      .results a:hover {
        border-color: var(--accent);
      }
      .results h2 {
        overflow-wrap: anywhere;
      }
      .results p {
        grid-column: 1 / -1;
      }
      .long {
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
        padding-top: 0.15em;
      }
      .pages {
        display: flex;
        justify-content: center;
        align-items: center;
        gap: 16px;
        margin-top: 24px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void personHere().then((person) => (this.person = person));
    void this.find();
  }

  private async find(): Promise<void> {
    if (this.opened !== "") return;
    const turn = ++this.asking;
    try {
      await takeKeyFromAddress();
      if (this.live !== null) {
        this.opened = await liveResource(this.live);
        return;
      }
      const page = await findResources(this.search);
      if (turn !== this.asking) return;
      this.page = page;
      this.facets ??= await facetValues();
      this.trouble = "";
    } catch (error) {
      if (error instanceof ApiError && error.notSignedIn) goToSignIn();
      else this.trouble = say(error);
    }
  }

  private submit(event: Event): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const search = { ...EMPTY_SEARCH };
    for (const name of [...FILTERS, "q", "from", "to"] as const) {
      search[name] = String(form.get(name) ?? "").trim();
    }
    this.look(search);
  }

  private look(search: Search): void {
    this.search = search;
    const { page, ...rest } = search;
    const query = queryOf({ ...rest, page: page > 1 ? page : undefined });
    history.replaceState(null, "", location.pathname + query);
    void this.find();
  }

  override render(): TemplateResult {
    return html`<tk-header here="/library" .person=${this.person}></tk-header>
      <main>
        ${this.opened === ""
          ? this.renderSearch()
          : html`<tk-resource resource=${this.opened}></tk-resource>`}
      </main>`;
  }

  private renderSearch(): TemplateResult {
    return html`<div class="title">
        <h1>${t("library.title")}</h1>
        ${this.page === null
          ? nothing
          : html`<span class="soft" role="status">${t("library.count", { n: this.page.total })}</span>`}
      </div>
      <form role="search" @submit=${this.submit}>
        <div class="find">
          <input
            type="search"
            name="q"
            .value=${this.search.q}
            aria-label=${t("library.search")}
            placeholder=${t("library.placeholder")}
          />
          <button class="primary">${icon("search")}${t("library.find")}</button>
        </div>
        <div class="filters">
          ${FILTERS.map((name) => this.renderFilter(name))}
          ${(["from", "to"] as const).map(
            (name) =>
              html`<label>${t(`filter.${name}`)}<tk-date name=${name} .value=${this.search[name]}></tk-date></label>`,
          )}
        </div>
      </form>
      ${this.trouble === "" ? this.renderResults() : this.renderTrouble()}`;
  }

  private renderFilter(name: (typeof FILTERS)[number]): TemplateResult {
    const chosen = this.search[name];
    // What the address asks for stays in the list, although nothing may have it.
    const values = new Set([...(this.facets?.[name] ?? []), ...(chosen === "" ? [] : [chosen])]);
    return html`<label
      >${t(`filter.${name}`)}
      <select name=${name} @change=${this.changed}>
        <option value="">${t("filter.all")}</option>
        ${[...values].map(
          (each) => html`<option value=${each} ?selected=${each === chosen}>${each}</option>`,
        )}
      </select>
    </label>`;
  }

  private changed(event: Event): void {
    (event.currentTarget as HTMLSelectElement).form?.requestSubmit();
  }

  private renderTrouble(): TemplateResult {
    return html`<p class="alert" role="alert">${this.trouble}</p>
      <p><button @click=${() => void this.find()}>${t("wait.again")}</button></p>`;
  }

  private renderResults(): TemplateResult {
    if (this.page === null) {
      return html`<tk-wait
        message=${t("library.searching")}
        @again=${() => void this.find()}
      ></tk-wait>`;
    }
    if (this.page.items.length === 0) {
      const { page: _, ...conditions } = this.search;
      const asked = Object.values(conditions).some((each) => each !== "");
      return html`<p class="empty">${t(asked ? "library.nothing" : "library.empty")}</p>`;
    }
    return html`<ul class="results">
        ${repeat(
          this.page.items,
          (each) => each.id,
          (each) => renderResult(each),
        )}
      </ul>
      ${this.renderPages(this.page)}`;
  }

  private renderPages({ page, pages }: Page): TemplateResult | typeof nothing {
    if (pages <= 1) return nothing;
    const go = (to: number) => () => this.look({ ...this.search, page: to });
    return html`<nav class="pages" aria-label=${t("library.pages")}>
      <button ?disabled=${page <= 1} @click=${go(page - 1)}>${t("library.before")}</button>
      <span>${page} / ${pages}</span>
      <button ?disabled=${page >= pages} @click=${go(page + 1)}>${t("library.after")}</button>
    </nav>`;
  }
}

function renderResult(each: Resource): TemplateResult {
  return html`<li>
    <a class="card" href="/library?resource=${each.id}">
      <h2>${each.title}</h2>
      <span class="long">${duration(each.duration_s)}</span>
      <p>${[each.subject, each.grade, each.teacher].filter(Boolean).join(" · ")}</p>
      <p class="soft">${each.school} · ${dateName(each.starts_at)} ${clockTime(each.starts_at)}</p>
      <p>${wholeMark(each)}</p>
    </a>
  </li>`;
}
