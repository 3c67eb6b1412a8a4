// Does something again and again while a page is open, one at a time, and rests while
// nobody looks.

import type { ReactiveController, ReactiveControllerHost } from "lit";

export class Every implements ReactiveController {
  private timer = 0;
  private connected = false;

  constructor(
    host: ReactiveControllerHost,
    private readonly periodMs: number,
    private readonly act: () => void | Promise<void>,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.connected = true;
    void this.now();
  }

  hostDisconnected(): void {
    this.connected = false;
    window.clearTimeout(this.timer);
  }

  async now(): Promise<void> {
    window.clearTimeout(this.timer);
    if (!document.hidden) await this.act();
    if (!this.connected) return;
    this.timer = window.setTimeout(() => void this.now(), this.periodMs);
  }
}
