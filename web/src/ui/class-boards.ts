// Files of class boards (CSES): one class's week out, its local lessons in.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { say } from "../client/api";
import type { BoardIndex, Viewed } from "../client/board";
import { t } from "../client/i18n";
import { importBoard, type Outcome, outcomeOf } from "../client/importing";
import { csesUrl, everybody } from "../client/people";
import { fileButton, fileStyle } from "./file-button";
import { icon } from "./icons";
import type { ImportOutcome } from "./import-outcome";
import "./import-outcome";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./who";

@customElement("tk-class-boards")
export class ClassBoards extends LitElement {
  @property() term = "";
  /** Of a person who may only look. */
  @property({ type: Boolean }) fixed = false;
  @state() private index: BoardIndex | null = null;
  @state() private viewed: Viewed | null = null;
  @state() private file: File | null = null;
  @state() private outcome: Outcome | null = null;
  @state() private busy = false;
  @query("tk-import-outcome") private shown!: ImportOutcome;
  @state() private trouble = "";

  static override styles = [shared, panelStyle, fileStyle];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  private async begin(): Promise<void> {
    try {
      this.index = await everybody();
      const [first] = this.index.all("class");
      if (first !== undefined) this.viewed ??= { side: "class", id: first.id };
      this.trouble = "";
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private look(viewed: Viewed): void {
    this.viewed = viewed;
    this.file = null;
    this.outcome = null;
  }

  private choose([file]: File[]): void {
    this.file = file ?? null;
    void this.send(true);
  }

  private async send(check: boolean): Promise<void> {
    if (this.file === null || this.viewed === null) return;
    this.busy = true;
    this.outcome = await outcomeOf(importBoard(this.viewed.id, this.term, this.file, check));
    this.busy = false;
    await this.updateComplete;
    await this.shown.show();
    if (this.outcome.is === "report" && this.outcome.report.written) {
      this.dispatchEvent(new CustomEvent("imported"));
    }
  }

  override render(): TemplateResult {
    return html`<h2>${t("boards.title")}</h2>
      <p class="soft">${t("boards.hint")}</p>
      ${this.trouble === ""
        ? nothing
        : html`<p class="note bad" role="alert">${this.trouble}</p>
            <p><button @click=${() => void this.begin()}>${t("wait.again")}</button></p>`}
      ${this.index === null || this.trouble !== "" ? nothing : this.renderClass(this.index, this.viewed)}`;
  }

  private renderClass(index: BoardIndex, viewed: Viewed | null): TemplateResult {
    if (viewed === null) return html`<p>${t("boards.no_class")}</p>`;
    return html`<tk-who
        one
        every
        .index=${index}
        .viewed=${viewed}
        @look=${(event: CustomEvent<Viewed>) => this.look(event.detail)}
      ></tk-who>
      ${this.term === "" ? html`<p>${t("boards.no_term")}</p>` : nothing}
      <div class="deeds">
        ${this.term === ""
          ? nothing
          : html`<a class="button" id="take-board" download href=${csesUrl(viewed.id, this.term)}
              >${icon("download")}${t("boards.take")}</a
            >`}
        ${this.fixed
          ? nothing
          : fileButton(
              { id: "upload-board", says: t("boards.bring"), accept: ".yaml,.yml", busy: this.busy },
              (files) => this.choose(files),
            )}
      </div>
      ${this.fixed ? nothing : this.renderIn()}`;
  }

  private renderIn(): TemplateResult {
    return html`<p class="soft">${t("boards.bring_says")}</p>
      ${this.file === null ? nothing : html`<p>${t("files.chosen", { names: this.file.name })}</p>`}
      <tk-import-outcome
        ?busy=${this.busy}
        .outcome=${this.outcome}
        @agreed=${() => void this.send(false)}
        @again=${() => void this.send(true)}
      ></tk-import-outcome>`;
  }
}
