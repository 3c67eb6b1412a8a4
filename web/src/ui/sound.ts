// All sound of a room through the loudspeaker, one element per stream. Tells when the
// browser refuses to play before somebody has touched the page.

import { html, LitElement, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";

@customElement("tk-sound")
export class Sound extends LitElement {
  @property({ attribute: false }) streams: MediaStream[] = [];
  @property({ type: Boolean }) silent = false;

  protected override updated(): void {
    for (const audio of this.players()) {
      audio.muted = this.silent;
      if (audio.paused) void this.play(audio);
    }
  }

  /** Call from a touch or a key press: then the browser allows sound. */
  async unblock(): Promise<void> {
    await Promise.all(this.players().map((audio) => this.play(audio)));
  }

  override render(): TemplateResult {
    return html`${repeat(
      this.streams,
      (stream) => stream.id,
      (stream) => html`<audio .srcObject=${stream}></audio>`,
    )}`;
  }

  private players(): HTMLAudioElement[] {
    return [...(this.renderRoot.querySelectorAll("audio") ?? [])];
  }

  private async play(audio: HTMLAudioElement): Promise<void> {
    try {
      await audio.play();
      this.tell(false);
    } catch (error) {
      // AbortError: the stream was exchanged meanwhile, the next update plays it.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.tell(true);
    }
  }

  private tell(blocked: boolean): void {
    this.dispatchEvent(new CustomEvent<boolean>("blocked", { detail: blocked }));
  }
}
