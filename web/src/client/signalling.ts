// One WebSocket to the SFU. It lives as long as one connection does; whoever wants
// to come back makes a new one (room.ts).

import { type ParticipantMessage, readSfuMessage, type SfuMessage } from "./wire";

const PING_EVERY_MS = 4000;
/** Without any word from the SFU for so long the line counts as lost. */
const SILENCE_MS = 10_000;

export interface SignallingEvents {
  opened(): void;
  message(message: SfuMessage): void;
  /** Once, however it ended. */
  closed(): void;
}

export class Signalling {
  private readonly socket: WebSocket;
  private readonly pinger: number;
  private heardAt = performance.now();
  private pingId = 0;
  private pingSentAt = 0;
  private ended = false;
  /** Round trip of the last ping, milliseconds; null before the first answer. */
  rttMs: number | null = null;

  constructor(
    url: string,
    private readonly events: SignallingEvents,
  ) {
    this.socket = new WebSocket(socketUrl(url, location.href));
    this.socket.onopen = () => this.events.opened();
    this.socket.onmessage = (event) => this.receive(String(event.data));
    this.socket.onclose = () => this.close();
    this.pinger = window.setInterval(() => this.ping(), PING_EVERY_MS);
  }

  send(message: ParticipantMessage): boolean {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    if (this.ended) return;
    this.ended = true;
    window.clearInterval(this.pinger);
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.events.closed();
  }

  private receive(text: string): void {
    this.heardAt = performance.now();
    const message = readSfuMessage(text);
    if (message === null) return;
    if (message.type === "pong") {
      if (message.id === this.pingId) this.rttMs = this.heardAt - this.pingSentAt;
      return;
    }
    this.events.message(message);
  }

  private ping(): void {
    if (performance.now() - this.heardAt > SILENCE_MS) {
      this.close();
      return;
    }
    this.pingSentAt = performance.now();
    this.send({ type: "ping", id: ++this.pingId });
  }
}

/** `url` as the scheduler wrote it (absolute or a path) → what WebSocket wants. */
export function socketUrl(url: string, page: string): string {
  const absolute = new URL(url, page);
  if (absolute.protocol === "http:") absolute.protocol = "ws:";
  if (absolute.protocol === "https:") absolute.protocol = "wss:";
  return absolute.href;
}
