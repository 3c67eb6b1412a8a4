// Enter the key that the operator gave.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { ApiError, say, signIn } from "../client/api";
import { t } from "../client/i18n";
import { safeNext, takeKeyFromAddress } from "../client/session";
import { deskStyle } from "../ui/desk-style";
import "../ui/header";
import { shared } from "../ui/style";

@customElement("tk-sign-in")
export class SignInPage extends LitElement {
  @state() private trouble = "";
  @state() private busy = false;
  @query("input") private input!: HTMLInputElement;

  static override styles = [
    shared,
    deskStyle,
    css`
      main {
        max-width: 36rem;
      }
      form.card {
        display: grid;
        gap: 18px;
        margin-top: 4vh;
        padding: clamp(20px, 5vw, 40px);
      }
      label {
        display: grid;
        gap: 8px;
        font-weight: 650;
      }
      input,
      .primary {
        min-height: 60px;
        font-size: 1.15rem;
      }
      input {
        width: 100%;
        font-family: ui-monospace, monospace;
      }
    `,
  ];

  constructor() {
    super();
    void this.tryAddress();
  }

  private async tryAddress(): Promise<void> {
    await this.attempt(async () => {
      if (await takeKeyFromAddress()) this.goOn();
    });
    // Sent here by a page whose address had a key that is no longer good.
    const why = new URLSearchParams(location.search).get("why");
    if (why === "key") this.trouble ||= t("sign_in.bad_key");
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const key = keyOf(this.input.value);
    await this.attempt(async () => {
      await signIn(key);
      this.goOn();
    });
  }

  private async attempt(deed: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      await deed();
    } catch (error) {
      const bad = error instanceof ApiError && error.notSignedIn;
      this.trouble = bad ? t("sign_in.bad_key") : say(error);
    } finally {
      this.busy = false;
    }
  }

  private goOn(): void {
    location.replace(safeNext(new URLSearchParams(location.search).get("next")));
  }

  override render(): TemplateResult {
    return html`<tk-header here="/sign-in"></tk-header>
      <main>
        <form class="card" @submit=${this.submit}>
          <h1>${t("sign_in.title")}</h1>
          <p>${t("sign_in.hint")}</p>
          <label
            >${t("sign_in.key")}
            <input required autocomplete="off" autocapitalize="off" spellcheck="false" />
          </label>
          ${this.trouble === "" ? nothing : html`<p class="alert" role="alert">${this.trouble}</p>`}
          <button class="primary" ?disabled=${this.busy}>${t("sign_in.do")}</button>
        </form>
      </main>`;
  }
}

/** People paste the whole address; the key is what stands after `#key=`. */
export function keyOf(text: string): string {
  const trimmed = text.trim();
  const mark = trimmed.indexOf("#key=");
  return mark < 0 ? trimmed : trimmed.slice(mark + 5);
}
