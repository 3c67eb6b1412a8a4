// The head of the desk pages: where one can go, who is here, the way out, and the
// language. It also names the page in the browser's tab.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { mayOpen, type Person, say } from "../client/api";
import { switchLang, t } from "../client/i18n";
import { signOut, titlePage } from "../client/session";
import { icon } from "./icons";
import { shared } from "./style";

const PLACES = [
  { path: "/", key: "nav.today" },
  { path: "/timetable", key: "nav.timetable" },
  { path: "/library", key: "nav.library" },
  { path: "/status", key: "nav.status" },
] as const;

@customElement("tk-header")
export class Header extends LitElement {
  /** Path of the page we are on. */
  @property() here = "/";
  @property({ attribute: false }) person: Person | null = null;
  @state() private trouble = "";

  static override styles = [
    shared,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 20px;
        padding: 10px clamp(16px, 4vw, 48px);
        background: var(--panel);
        border-bottom: 1px solid var(--edge);
      }
      .brand {
        font-weight: 700;
        font-size: 1.3rem;
        letter-spacing: 0.06em;
        color: var(--accent);
        text-decoration: none;
        min-height: var(--target);
        min-width: var(--target);
        display: inline-flex;
        align-items: center;
      }
      nav {
        display: flex;
        gap: 4px;
        flex: 1 1 auto;
      }
      nav a {
        display: inline-flex;
        align-items: center;
        min-height: var(--target);
        padding: 0 14px;
        border-radius: var(--radius);
        text-decoration: none;
        white-space: nowrap;
      }
      nav a:hover {
        background: color-mix(in srgb, var(--accent) 10%, transparent);
      }
      nav a[aria-current] {
        font-weight: 650;
        box-shadow: inset 0 -3px 0 var(--accent);
        border-radius: 0;
      }
      nav[hidden] + .language {
        margin-left: auto;
      }
      .who {
        max-width: 12rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .out,
      .language {
        border-color: transparent;
        background: none;
        padding: 0 0.6em;
      }
      .alert {
        flex: 1 0 100%;
        color: var(--bad);
      }
      @media (max-width: 1000px) {
        header {
          column-gap: 8px;
        }
        .who {
          max-width: 7rem;
        }
      }
      @media (max-width: 640px) {
        nav {
          order: 1;
          flex: 1 0 100%;
          gap: 0;
        }
        nav a {
          padding: 0 10px;
        }
        .brand {
          flex: 1 0 auto;
        }
        .who {
          flex: 0 1 auto;
          max-width: 5.5rem;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const place = PLACES.find(({ path }) => path === this.here);
    if (place || this.here === "/sign-in") titlePage(t(place?.key ?? "sign_in.title"));
  }

  private async leave(): Promise<void> {
    try {
      await signOut();
    } catch (error) {
      this.trouble = say(error);
    }
  }

  override render(): TemplateResult {
    return html`<header>
      <a class="brand" href="/">${t("brand")}</a>
      <nav aria-label=${t("nav.label")} ?hidden=${this.here === "/sign-in"}>
        ${PLACES.filter(({ path }) => path === this.here || mayOpen(this.person, path)).map(
          ({ path, key }) =>
            html`<a href=${path} aria-current=${path === this.here ? "page" : nothing}
              >${t(key)}</a
            >`,
        )}
      </nav>
      ${this.person === null
        ? nothing
        : html`<span class="who soft" title=${this.person.name}>${this.person.name}</span>
            <button class="out" @click=${this.leave}>${t("nav.sign_out")}</button>`}
      <button class="language" @click=${switchLang}>
        ${icon("globe")}${t("nav.other_language")}
      </button>
      ${this.trouble === "" ? nothing : html`<p class="alert" role="alert">${this.trouble}</p>`}
    </header>`;
  }
}
