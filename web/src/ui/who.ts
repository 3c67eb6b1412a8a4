// Whose week is looked at: by room, school, teacher or class, found by name.

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { type BoardIndex, findNamed, type Named, type Side, type Viewed } from "../client/board";
import { t } from "../client/i18n";
import { icon } from "./icons";
import { shared } from "./style";

export const SIDES: Side[] = ["room", "school", "teacher", "class"];
const MOST = 12;

@customElement("tk-who")
export class Who extends LitElement {
  @property({ attribute: false }) index!: BoardIndex;
  @property({ attribute: false }) viewed!: Viewed;
  /** Receiving rooms as well. */
  @property({ type: Boolean }) every = false;
  /** Nothing but the viewed side is offered. */
  @property({ type: Boolean }) one = false;
  /** null: the list is shut. */
  @state() private typed: string | null = null;
  @state() private active = 0;
  @query("input") private input!: HTMLInputElement;

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: center;
      }
      .sides {
        display: flex;
      }
      .sides button {
        border-radius: 0;
        margin-left: -1px;
        padding: 0 0.8em;
      }
      .sides button:first-child {
        border-radius: var(--radius) 0 0 var(--radius);
      }
      .sides button:last-child {
        border-radius: 0 var(--radius) var(--radius) 0;
      }
      .sides button[aria-pressed="true"] {
        background: var(--accent);
        border-color: var(--accent);
        color: var(--on-accent);
        font-weight: 650;
      }
      .find {
        position: relative;
        display: flex;
        gap: 4px;
      }
      input {
        width: min(17rem, 52vw);
        font-weight: 650;
      }
      ul {
        position: absolute;
        z-index: 20;
        top: calc(100% + 4px);
        left: 0;
        right: 0;
        max-height: 60vh;
        overflow: auto;
        border: 1px solid var(--text-soft);
        border-radius: var(--radius);
        background: var(--panel);
        box-shadow: 0 8px 30px rgb(0 0 0 / 20%);
      }
      li {
        display: flex;
        flex-direction: column;
        justify-content: center;
        min-height: var(--target);
        padding: 4px 14px;
        cursor: pointer;
        line-height: 1.25;
      }
      li[aria-selected="true"] {
        background: color-mix(in srgb, var(--accent) 14%, var(--panel));
      }
      small {
        color: var(--text-soft);
      }
      .narrow {
        padding: 0;
      }
      :host([one]) .find {
        flex: 1;
        min-width: 0;
      }
      @media (max-width: 1320px) {
        input {
          width: 13rem;
        }
      }
      @media (max-width: 1000px) {
        input {
          width: min(17rem, 32vw);
        }
        .sides button {
          padding: 0 0.6em;
        }
      }
      input {
        text-overflow: ellipsis;
      }
      :host([one]) input {
        flex: 1;
        width: 100%;
        min-width: 0;
      }
      @media (max-width: 480px) {
        .sides {
          flex: 1 0 100%;
        }
        .sides button {
          flex: 1 1 auto;
        }
        .find {
          flex: 1 0 100%;
        }
        input {
          flex: 1;
          min-width: 0;
        }
      }
    `,
  ];

  /** Puts the keyboard into the search. */
  override focus(): void {
    this.input.focus();
  }

  private get all(): Named[] {
    const { side } = this.viewed;
    return side === "room" && !this.every ? this.index.masterRooms() : this.index.all(side);
  }

  private get found(): Named[] {
    return this.typed === null ? [] : findNamed(this.all, this.typed, MOST);
  }

  private look(viewed: Viewed): void {
    this.typed = null;
    this.dispatchEvent(new CustomEvent<Viewed>("look", { detail: viewed }));
  }

  private side(side: Side): void {
    const id = this.index.nextTo(this.viewed, side);
    this.look({ side, id });
  }

  private step(by: number): void {
    const { all } = this;
    const at = all.findIndex((each) => each.id === this.viewed.id);
    const next = all[(at + by + all.length) % all.length];
    if (next !== undefined) this.look({ side: this.viewed.side, id: next.id });
  }

  private key(event: KeyboardEvent): void {
    const { found } = this;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.typed === null) this.typed = "";
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.active = Math.max(0, Math.min(found.length - 1, this.active + by));
    } else if (event.key === "Enter" && found[this.active] !== undefined) {
      event.preventDefault();
      this.choose(found[this.active]!);
    } else if (event.key === "Escape") {
      this.typed = null;
      this.input.value = this.shownName;
    }
  }

  private choose(each: Named): void {
    this.look({ side: this.viewed.side, id: each.id });
    this.input.blur();
  }

  private get shownName(): string {
    return this.index.all(this.viewed.side).find((each) => each.id === this.viewed.id)?.name ?? "";
  }

  override render(): TemplateResult {
    const { found } = this;
    return html`${this.one ? nothing : this.renderSides()}
      <div class="find">
        <button type="button" class="narrow" aria-label=${t("who.before")} title=${t("who.before")} @click=${() => this.step(-1)}>
          ${icon("back")}
        </button>
        <input
          role="combobox"
          aria-label=${t("who.find")}
          aria-expanded=${this.typed !== null}
          aria-controls="found"
          aria-activedescendant=${found.length > 0 ? `found-${this.active}` : nothing}
          autocomplete="off"
          .value=${this.typed ?? this.shownName}
          placeholder=${t("who.find")}
          @focus=${() => {
            this.typed = "";
            this.active = 0;
            this.input.select();
          }}
          @blur=${() => {
            this.typed = null;
          }}
          title=${this.shownName}
          @input=${() => {
            this.typed = this.input.value;
            this.active = 0;
          }}
          @keydown=${this.key}
        />
        <button type="button" class="narrow" aria-label=${t("who.after")} title=${t("who.after")} @click=${() => this.step(1)}>
          ${icon("forward")}
        </button>
        ${this.typed === null
          ? nothing
          : html`<ul id="found" role="listbox">
              ${found.length === 0 ? html`<li>${t("who.nobody")}</li>` : nothing}
              ${found.map(
                (each, n) =>
                  html`<li
                    id=${`found-${n}`}
                    role="option"
                    aria-selected=${n === this.active}
                    @pointerdown=${(event: Event) => {
                      event.preventDefault();
                      this.choose(each);
                    }}
                  >
                    ${each.name}
                    ${this.viewed.side === "teacher"
                      ? html`<small>${this.index.schools.get(each.school)?.name ?? ""}</small>`
                      : nothing}
                  </li>`,
              )}
            </ul>`}
      </div>`;
  }

  private renderSides(): TemplateResult {
    return html`<div class="sides" role="group" aria-label=${t("who.side")}>
      ${SIDES.map(
        (side) =>
          html`<button type="button" aria-pressed=${side === this.viewed.side} @click=${() => this.side(side)}>
            ${side === "room" && !this.every ? t("who.masters") : t(`side.${side}`)}
          </button>`,
      )}
    </div>`;
  }
}
