// Which term and which edition of its timetable is on the desk; making, naming and
// deleting drafts.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { dateName, t, word } from "../client/i18n";
import type { Edition, Term } from "../client/editions";
import { dialogStyle } from "./dialogs";
import { icon } from "./icons";
import { shared } from "./style";
import type { Versions } from "./versions";
import "./versions";

export interface NewDraft {
  name: string;
  /** An edition's id, or null for an empty week. */
  copyOf: string | null;
}

@customElement("tk-edition-bar")
export class EditionBar extends LitElement {
  @property({ attribute: false }) terms: Term[] = [];
  @property({ attribute: false }) editions: Edition[] = [];
  @property() term = "";
  @property() edition = "";
  @property({ type: Boolean }) fixed = false;
  @state() private asking: "new" | "rename" | "delete" = "new";
  /** On a small screen all but one button is folded away: the week is what one comes for. */
  @state() private unfolded = false;
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("tk-versions") private versions!: Versions;

  static override styles = [
    shared,
    dialogStyle,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 8px 12px;
      }
      label.pick {
        display: grid;
        font-size: 0.82rem;
        color: var(--text-soft);
      }
      label.pick select {
        color: var(--text);
        font-size: 1rem;
        min-width: 12rem;
        max-width: 22rem;
      }
      #fold {
        display: none;
        flex: none;
        justify-content: space-between;
        width: 100%;
        border-color: var(--text-soft);
      }
      #fold span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      #fold svg {
        flex: none;
        transform: rotate(90deg);
      }
      #fold[aria-expanded="true"] svg {
        transform: rotate(-90deg);
      }
      .all {
        display: contents;
      }
      @media (max-width: 640px), (max-width: 1000px) and (max-height: 560px) {
        #fold {
          display: flex;
        }
        #fold[aria-expanded="false"] + .all {
          display: none;
        }
      }
      @media (max-width: 1320px) {
        label.pick select {
          max-width: 14rem;
        }
      }
      @media (max-width: 1000px) {
        label.pick select {
          min-width: 0;
          max-width: 11rem;
        }
      }
      @media (max-width: 480px) {
        label.pick {
          flex: 1 1 9rem;
          min-width: 0;
        }
        label.pick select {
          width: 100%;
          max-width: none;
        }
      }
      .deeds {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      form {
        display: grid;
        gap: 14px;
      }
      form label {
        display: grid;
        gap: 6px;
      }
      fieldset {
        margin: 0;
        padding: 0;
        border: none;
        display: grid;
        gap: 4px;
      }
      fieldset label {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: var(--target);
      }
      input[type="radio"] {
        width: 22px;
        min-height: 22px;
        accent-color: var(--accent);
      }
    `,
  ];

  private get current(): Edition | undefined {
    return this.editions.find((each) => each.id === this.edition);
  }

  /** Asks for a new draft, as the button does. */
  askNew(): void {
    this.ask("new");
  }

  private ask(what: "new" | "rename" | "delete"): void {
    this.asking = what;
    void this.updateComplete.then(() => this.dialog.showModal());
  }

  private emit(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** What was chosen among the versions is asked of the page as by the bar itself. */
  private readonly pass = (event: Event): void => {
    this.emit(event.type, (event as CustomEvent<unknown>).detail);
  };

  private submit(event: SubmitEvent): void {
    const form = new FormData(event.currentTarget as HTMLFormElement);
    if (event.submitter?.id !== "yes") return;
    const name = String(form.get("name") ?? "").trim();
    if (this.asking === "delete") this.emit("delete-edition", this.edition);
    else if (this.asking === "rename") this.emit("rename-edition", name);
    else {
      const copyOf = String(form.get("copy") ?? "") || null;
      this.emit("new-edition", { name, copyOf } satisfies NewDraft);
    }
  }

  override render(): TemplateResult {
    return html`${this.editions.length === 0 ? nothing : this.renderFold()}
      <div class="all" id="all">${this.renderAll()}</div>
      <tk-versions
        .editions=${this.editions}
        edition=${this.edition}
        ?fixed=${this.fixed}
        @choose-edition=${this.pass}
        @new-edition=${this.pass}
        @delete-edition=${this.pass}
      ></tk-versions>
      <dialog aria-labelledby="heading">${this.renderDialog()}</dialog>`;
  }

  private renderFold(): TemplateResult {
    const name = this.current === undefined ? "" : titleOf(this.current);
    return html`<button
      id="fold"
      aria-expanded=${this.unfolded}
      aria-controls="all"
      @click=${() => (this.unfolded = !this.unfolded)}
    >
      <span>${t("edition.fold", { name })}</span>${icon("forward")}
    </button>`;
  }

  private renderAll(): TemplateResult {
    const chosen = (event: Event): string => (event.currentTarget as HTMLSelectElement).value;
    return html`${this.terms.length === 0
        ? nothing
        : html`<label class="pick"
            >${t("edition.term")}
            <select id="term" @change=${(e: Event) => this.emit("choose-term", chosen(e))}>
              ${this.terms.map(
                (each) => html`<option value=${each.id} ?selected=${each.id === this.term}>${each.name}</option>`,
              )}
            </select></label
          >`}
      ${this.editions.length === 0
        ? nothing
        : html`<label class="pick"
            >${t("edition.one")}
            <select id="edition" @change=${(e: Event) => this.emit("choose-edition", chosen(e))}>
              ${this.editions.map(
                (each) =>
                  html`<option value=${each.id} ?selected=${each.id === this.edition}>${titleOf(each)}</option>`,
              )}
            </select></label
          >`}
      ${this.editions.length === 0 && this.fixed ? nothing : this.renderDeeds()}`;
  }

  private renderDeeds(): TemplateResult {
    const draft = this.current?.state === "draft";
    return html`<div class="deeds">
      ${this.editions.length === 0
        ? nothing
        : html`<button id="versions" @click=${() => this.versions.open()}>
            ${icon("history")}${t("versions.open_list")}
          </button>`}
      ${this.fixed ? nothing : this.renderMaking(draft)}
    </div>`;
  }

  private renderMaking(draft: boolean): TemplateResult {
    return html`
      <button id="new" @click=${() => this.ask("new")}>${icon("plus")}${t("edition.new")}</button>
      ${draft
        ? html`<button id="rename" title=${t("edition.rename")} aria-label=${t("edition.rename")} @click=${() => this.ask("rename")}>
              ${icon("pencil")}
            </button>
            <button id="delete" title=${t("edition.delete")} aria-label=${t("edition.delete")} @click=${() => this.ask("delete")}>
              ${icon("trash")}
            </button>`
        : nothing}
    `;
  }

  private renderDialog(): TemplateResult {
    const heading = t(`edition.${this.asking}`);
    return html`<form method="dialog" @submit=${this.submit}>
      <h2 id="heading">${heading}</h2>
      ${this.asking === "delete"
        ? html`<p>${t("edition.delete_text", { name: this.current?.name ?? "" })}</p>`
        : html`<label
            >${t("edition.name")}
            <input
              name="name"
              maxlength="80"
              ?required=${this.asking === "rename"}
              .value=${this.asking === "rename" ? (this.current?.name ?? "") : ""}
              placeholder=${t("edition.name_example")}
          /></label>`}
      ${this.asking === "new" ? this.renderSources() : nothing}
      <div class="row">
        <button formnovalidate>${t("edition.no")}</button>
        <button id="yes" class=${this.asking === "delete" ? "danger" : "primary"}>
          ${t(`edition.yes_${this.asking}`)}
        </button>
      </div>
    </form>`;
  }

  /** What a draft begins from: the published one is what people mostly mean. */
  private renderSources(): TemplateResult {
    const published = this.editions.find((each) => each.state === "published");
    const current = this.current?.state === "draft" ? this.current : undefined;
    const sources = [published, current].filter((each) => each !== undefined);
    return html`<fieldset>
      ${sources.map(
        (each, n) =>
          html`<label
            ><input type="radio" name="copy" value=${each.id} ?checked=${n === 0} />${t("edition.copy", {
              name: titleOf(each),
            })}</label
          >`,
      )}
      <label
        ><input type="radio" name="copy" value="" ?checked=${sources.length === 0} />${t("edition.empty")}</label
      >
    </fieldset>`;
  }
}

/** `三月调整 · 草稿`, or when it was made where it has no name. */
export function titleOf(edition: Edition): string {
  const name = edition.name || dateName(edition.made_at);
  return `${name} · ${word("edition_state", edition.state)}`;
}
