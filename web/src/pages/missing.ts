// An address that is no page: said in words, with the ways to the pages there are.

import { html, LitElement, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { t } from "../client/i18n";
import { deskStyle } from "../ui/desk-style";
import "../ui/header";
import { shared } from "../ui/style";

@customElement("tk-missing")
export class MissingPage extends LitElement {
  static override styles = [shared, deskStyle];

  override render(): TemplateResult {
    const path = decodeURIComponent(location.pathname);
    return html`<tk-header here=""></tk-header>
      <main><p class="alert" role="alert">${t("error.no_page", { path })}</p></main>`;
  }
}
