// A live picture. The element outlives what it shows: a slot that is re-pointed, or a
// new connection, changes `stream` and nothing else. Always silent: sound is sound.ts.

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { shared } from "./style";

@customElement("tk-video")
export class Video extends LitElement {
  @property({ attribute: false }) stream: MediaStream | null = null;
  /** Said in place of a picture: why there is none. Empty hides nothing. */
  @property() instead = "";
  /** `contain` never crops (slides); `cover` fills (faces). */
  @property({ reflect: true }) fit: "contain" | "cover" = "contain";
  @property({ type: Boolean, reflect: true }) mirror = false;
  @query("video") private video!: HTMLVideoElement;
  @state() private hasPicture = false;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        position: relative;
        overflow: hidden;
        background: #050b09;
        min-width: 0;
        min-height: 0;
      }
      video {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      :host([fit="cover"]) video {
        object-fit: cover;
      }
      :host([mirror]) video {
        transform: scaleX(-1);
      }
      p {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        padding: 8px 12px;
        text-align: center;
        color: var(--chalk-soft);
        background: rgb(5 11 9 / 70%);
      }
    `,
  ];

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("stream")) return;
    this.hasPicture = false;
    this.video.srcObject = this.stream;
  }

  override render(): TemplateResult {
    const words = this.instead;
    return html`<video
        autoplay
        muted
        playsinline
        disablepictureinpicture
        .muted=${true}
        @loadeddata=${() => {
          this.hasPicture = true;
        }}
      ></video>
      ${words === "" ? nothing : html`<p>${words}</p>`}`;
  }

  /** At least one frame of the present stream was shown. */
  get showing(): boolean {
    return this.hasPicture;
  }
}
