// A sign-in link for somebody else, made by an operator: in which roles, and whose
// timetable is theirs. Shows nothing to others.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { call, may, say, whoAmI } from "../client/api";
import type { BoardIndex, Viewed } from "../client/board";
import { clockTime, dayName, t, word } from "../client/i18n";
import { everybody } from "../client/people";
import "./copy-address";
import { dialogStyle } from "./dialogs";
import { icon } from "./icons";
import { panelStyle } from "./panel-style";
import { shared } from "./style";
import "./wait";
import "./who";

const ROLES = ["teacher", "assistant", "timetabler", "librarian", "observer"] as const;
type Whose = "teacher" | "school";

interface AccessKey {
  path: string;
  /** Unix seconds. */
  expires_at: number;
}

@customElement("tk-invite")
export class Invite extends LitElement {
  @state() private allowed = false;
  @state() private index: BoardIndex | null = null;
  @state() private name = "";
  @state() private roles = new Set<string>(["teacher"]);
  /** By side; null: not theirs. */
  @state() private whose: Record<Whose, Viewed | null> = { teacher: null, school: null };
  @state() private made: AccessKey | null = null;
  @state() private trouble = "";
  @state() private busy = false;
  @query("dialog") private dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    dialogStyle,
    panelStyle,
    css`
      :host {
        display: block;
      }
      dialog {
        width: min(94vw, 36rem);
        overflow: auto;
      }
      form {
        gap: 14px;
      }
      .roles {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
        gap: 0 12px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void whoAmI().then(
      (person) => (this.allowed = may(person)),
      // Without an answer nobody is an operator; the page around says why.
      () => (this.allowed = false),
    );
  }

  private async open(): Promise<void> {
    this.made = null;
    this.trouble = "";
    this.dialog.showModal();
    try {
      this.index = await everybody();
    } catch (error) {
      this.trouble = say(error);
    }
  }

  private pick(side: Whose, viewed: Viewed | null): void {
    const { index } = this;
    const nameOf = (each: Viewed | null): string =>
      index?.all("teacher").find(({ id }) => id === each?.id)?.name ?? "";
    if (side === "teacher" && (this.name === "" || this.name === nameOf(this.whose.teacher))) {
      this.name = nameOf(viewed);
    }
    this.whose = { ...this.whose, [side]: viewed };
    this.made = null;
  }

  private async make(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.busy = true;
    try {
      this.made = await call<AccessKey>("POST", "/api/v1/access-keys", {
        name: this.name.trim(),
        roles: ROLES.filter((each) => this.roles.has(each)),
        teacher: this.whose.teacher?.id ?? null,
        school: this.whose.school?.id ?? null,
      });
      this.trouble = "";
    } catch (error) {
      this.made = null;
      this.trouble = say(error);
    } finally {
      this.busy = false;
    }
    await this.updateComplete;
    this.renderRoot.querySelector("tk-copy-address, [role=alert]")?.scrollIntoView({ block: "center" });
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.allowed) return nothing;
    return html`<button id="invite" @click=${() => void this.open()}>${icon("plus")}${t("invite.open")}</button>
      <dialog aria-labelledby="heading">
        <h2 id="heading">${t("invite.title")}</h2>
        ${this.trouble === "" ? nothing : html`<p class="note bad" role="alert">${this.trouble}</p>`}
        ${this.index === null ? this.renderWait() : this.renderForm(this.index)}
      </dialog>`;
  }

  private renderWait(): TemplateResult {
    const again = (): void => void this.open();
    return html`${this.trouble === ""
        ? html`<tk-wait message=${t("invite.loading")} @again=${again}></tk-wait>`
        : nothing}
      <div class="row"><button @click=${() => this.dialog.close()}>${t("help.close")}</button></div>`;
  }

  private renderForm(index: BoardIndex): TemplateResult {
    return html`<form @submit=${(event: SubmitEvent) => void this.make(event)}>
      ${this.renderWhose(index, "teacher")} ${this.renderWhose(index, "school")}
      <label class="field"
        >${t("invite.name")}
        <input
          name="name"
          required
          maxlength="80"
          .value=${this.name}
          @input=${(event: Event) => {
            this.name = (event.currentTarget as HTMLInputElement).value;
            this.made = null;
          }}
      /></label>
      <fieldset>
        <legend>${t("invite.roles")}</legend>
        <div class="roles">${ROLES.map((role) => this.renderRole(role))}</div>
      </fieldset>
      ${this.made === null ? nothing : this.renderMade(this.made)}
      <div class="row">
        <button type="button" @click=${() => this.dialog.close()}>${t("help.close")}</button>
        <button class="primary" id="make-key" ?disabled=${this.busy || this.roles.size === 0}>${t("invite.make")}</button>
      </div>
    </form>`;
  }

  private renderWhose(index: BoardIndex, side: Whose): TemplateResult {
    const viewed = this.whose[side];
    const [first] = index.all(side);
    if (first === undefined) return html``;
    return html`<label class="choice"
        ><input
          type="checkbox"
          id=${`is-${side}`}
          .checked=${viewed !== null}
          @change=${() => this.pick(side, viewed === null ? { side, id: first.id } : null)}
        />${t(side === "teacher" ? "invite.is_teacher" : "invite.is_school")}</label
      >
      ${viewed === null
        ? nothing
        : html`<tk-who
            one
            every
            .index=${index}
            .viewed=${viewed}
            @look=${(event: CustomEvent<Viewed>) => this.pick(side, event.detail)}
          ></tk-who>`}`;
  }

  private renderRole(role: string): TemplateResult {
    return html`<label class="choice"
      ><input
        type="checkbox"
        name="role"
        value=${role}
        .checked=${this.roles.has(role)}
        @change=${() => {
          const roles = new Set(this.roles);
          if (!roles.delete(role)) roles.add(role);
          this.roles = roles;
          this.made = null;
        }}
      />${word("role", role)}</label
    >`;
  }

  private renderMade(made: AccessKey): TemplateResult {
    const until = `${dayName(made.expires_at)} ${clockTime(made.expires_at)}`;
    return html`<p class="note warn" role="status">${t("invite.once", { until })}</p>
      <tk-copy-address label=${t("invite.address")} address=${location.origin + made.path}></tk-copy-address>`;
  }
}
