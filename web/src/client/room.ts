// One participant in a room: joins, publishes, receives, measures, and comes back by
// itself after any break, with a fresh connection, until the lesson is over.

import { backoffMs } from "./backoff";
import { type Figures, judgeLine, makeReport, readFigures, since } from "./measure";
import { Sections, type Shape } from "./offer";
import { applyMessage, EMPTY_VIEW, type Refusal, type RoomView } from "./roomview";
import { Signalling } from "./signalling";
import {
  type ParticipantMessage,
  type SfuMessage,
  type SlotState,
  type Source,
  WIRE_VERSION,
} from "./wire";

export interface Ticket {
  token: string;
  sfuUrl: string;
}

export interface RoomOptions extends Shape {
  /** Asked before every try: tokens are short-lived. Throws `Refused` to stop. */
  ticket(): Promise<Ticket>;
  name: string;
  changed(view: RoomView): void;
}

/** Trying again will not help: the lesson is over, or this person may not join. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.en);
  }
}

const REPORT_EVERY_MS = 5000;
/** A join that has no answer, or no media path, by then is tried anew. */
const JOIN_DEADLINE_MS = 10_000;
/** ICE may heal a short break itself; a longer one is ours. */
const HEAL_MS = 4000;
/** The first picture is looked for so often, and so long. */
const FIRST_FRAME_EVERY_MS = 50;
const FIRST_FRAME_DEADLINE_MS = 15_000;

/** What belongs to one connection and ends with it. */
interface Connection {
  pc: RTCPeerConnection;
  sections: Sections;
  signalling: Signalling;
  streams: Map<string, MediaStream>;
  publications: Map<Source, string>;
  /** What the SFU was told of each: carries it nothing? */
  paused: Map<Source, boolean>;
  joinSentAt: number;
  joinMs: number | null;
  reported: Figures | null;
  fresh: Figures | null;
  timers: number[];
}

export class RoomClient {
  private view: RoomView = EMPTY_VIEW;
  private connection: Connection | null = null;
  private attempt = 0;
  private retryTimer = 0;
  private stopped = true;
  private muted: boolean | null = null;
  private readonly tracks = new Map<Source, MediaStreamTrack>();

  constructor(private readonly options: RoomOptions) {}

  get state(): RoomView {
    return this.view;
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.attempt = 0;
    this.show({ ...EMPTY_VIEW, phase: "joining" });
    this.retry();
  }

  /** Leaves for good. Idempotent. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    window.clearTimeout(this.retryTimer);
    this.connection?.signalling.send({ type: "leave" });
    this.drop();
  }

  /** What a section shows: the same MediaStream as long as the connection lives. */
  stream(slot: SlotState | null): MediaStream | null {
    if (slot === null) return null;
    return this.connection?.streams.get(slot.mid) ?? null;
  }

  /** Has anything come on this section yet? A screen that was never shared has not. */
  hasMedia(slot: SlotState): boolean {
    const track = this.stream(slot)?.getTracks()[0];
    return track !== undefined && !track.muted;
  }

  audioStreams(): MediaStream[] {
    const streams = [...(this.connection?.streams.values() ?? [])];
    return streams.filter((stream) => stream.getAudioTracks().length > 0);
  }

  /** Seconds of the last report interval this section stood still. */
  frozenS(mid: string): number {
    const { reported = null, fresh = null } = this.connection ?? {};
    return fresh === null ? 0 : since(reported, fresh, mid).freezeS;
  }

  async publish(source: Source, track: MediaStreamTrack | null): Promise<void> {
    if (track === null) this.tracks.delete(source);
    else this.tracks.set(source, track);
    const connection = this.connection;
    if (connection === null) return;
    // Nothing more comes: say so first. Something comes: only when it really does.
    if (track === null) this.tellPaused(connection, source);
    await connection.sections.senders.get(source)?.sender.replaceTrack(track);
    this.tellPaused(connection, source);
  }

  private tellPaused(connection: Connection, source: Source): void {
    const publication = connection.publications.get(source);
    const paused = !this.tracks.has(source);
    if (publication === undefined || connection.paused.get(source) === paused) return;
    connection.paused.set(source, paused);
    connection.signalling.send({ type: "set_paused", publication, paused });
  }

  setOwnMuted(muted: boolean): void {
    this.muted = muted;
    const track = this.tracks.get("microphone");
    if (track) track.enabled = !muted;
    this.send({ type: "set_muted", participant: this.view.me, muted });
  }

  /** false when there is no line just now: the page says so, nothing is queued. */
  send(message: ParticipantMessage): boolean {
    return this.connection?.signalling.send(message) ?? false;
  }

  dismissComplaint(): void {
    this.show({ ...this.view, complaint: null });
  }

  private show(view: RoomView): void {
    this.view = view;
    this.options.changed(view);
  }

  private retry(): void {
    window.clearTimeout(this.retryTimer);
    const delay = backoffMs(this.attempt++, Math.random());
    this.retryTimer = window.setTimeout(() => void this.connect(), delay);
  }

  private async connect(): Promise<void> {
    try {
      const ticket = await this.options.ticket();
      if (this.stopped) return;
      await this.open(ticket);
    } catch (error) {
      this.drop();
      if (this.stopped) return;
      if (error instanceof Refused) {
        this.stopped = true;
        this.show({ ...this.view, phase: "refused", refusal: error.refusal });
        return;
      }
      console.warn("join failed, trying again", error);
      this.retry();
    }
  }

  private async open(ticket: Ticket): Promise<void> {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    try {
      const sections = new Sections(pc, this.options);
      await pc.setLocalDescription(await pc.createOffer());
      if (this.stopped) throw new Error("stopped while joining");
      this.attach(pc, sections, ticket);
      // Only now: a device that opened while we were waiting is among them.
      await this.attachTracks(sections);
    } catch (error) {
      if (this.connection?.pc !== pc) pc.close();
      throw error;
    }
  }

  private async attachTracks(sections: Sections): Promise<void> {
    for (const [source, track] of this.tracks) {
      await sections.senders.get(source)?.sender.replaceTrack(track);
    }
  }

  private attach(pc: RTCPeerConnection, sections: Sections, ticket: Ticket): void {
    const signalling = new Signalling(ticket.sfuUrl, {
      opened: () => this.sendJoin(connection, ticket.token),
      message: (message) => void this.receive(connection, message),
      closed: () => this.lost(connection),
    });
    const connection: Connection = {
      pc,
      sections,
      signalling,
      streams: streamsOf(sections, () => this.show({ ...this.view })),
      publications: new Map(),
      paused: new Map(),
      joinSentAt: 0,
      joinMs: null,
      reported: null,
      fresh: null,
      timers: [],
    };
    this.connection = connection;
    this.watch(connection);
  }

  private watch(connection: Connection): void {
    const { pc, timers } = connection;
    timers.push(
      window.setTimeout(() => {
        const joined = this.view.phase === "joined" && pc.connectionState === "connected";
        if (!joined) this.lost(connection);
      }, JOIN_DEADLINE_MS),
    );
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === "failed") this.lost(connection);
      if (pc.connectionState === "connected") this.attempt = 0;
      if (pc.connectionState !== "disconnected") return;
      timers.push(
        window.setTimeout(() => {
          if (pc.connectionState === "disconnected") this.lost(connection);
        }, HEAL_MS),
      );
    };
    timers.push(
      window.setInterval(() => void this.measure(connection), REPORT_EVERY_MS),
    );
  }

  private sendJoin(connection: Connection, token: string): void {
    connection.joinSentAt = performance.now();
    for (const source of connection.sections.senders.keys()) {
      connection.paused.set(source, !this.tracks.has(source));
    }
    connection.signalling.send({
      type: "join",
      version: WIRE_VERSION,
      token,
      name: this.options.name,
      offer: connection.pc.localDescription?.sdp ?? "",
      publications: connection.sections.publications(
        (source) => connection.paused.get(source) ?? false,
      ),
    });
  }

  private async receive(connection: Connection, message: SfuMessage): Promise<void> {
    if (connection !== this.connection) return;
    if (message.type === "demand") {
      await applyDemand(connection, message.publication, message.layers);
      return;
    }
    this.show(applyMessage(this.view, message));
    if (message.type === "joined") await this.joined(connection, message);
    else if (message.type === "bye" || (message.type === "error" && message.fatal)) {
      this.parted(connection, message.type === "bye" && message.retry);
    }
  }

  private async joined(
    connection: Connection,
    message: SfuMessage & { type: "joined" },
  ): Promise<void> {
    for (const [source, { mid }] of connection.sections.senders) {
      const id = message.publications[mid ?? ""];
      if (id === undefined) continue;
      connection.publications.set(source, id);
      // A device came or went while the answer was on its way.
      this.tellPaused(connection, source);
    }
    if (message.answer) {
      await connection.pc.setRemoteDescription({ type: "answer", sdp: message.answer });
    }
    if (this.muted !== null) this.setOwnMuted(this.muted);
    void this.findFirstFrame(connection);
  }

  /** The SFU ended it. `retry`: come back; otherwise that was all. */
  private parted(connection: Connection, retry: boolean): void {
    if (retry) {
      this.lost(connection);
      return;
    }
    this.stopped = true;
    this.drop();
  }

  private lost(connection: Connection): void {
    if (connection !== this.connection || this.stopped) return;
    this.drop();
    const first = this.view.me === "";
    this.show({ ...this.view, phase: first ? "joining" : "reconnecting", line: null });
    this.retry();
  }

  /** Ends the connection: timers, then signalling, then media. Order: docs/closing. */
  private drop(): void {
    const connection = this.connection;
    if (connection === null) return;
    this.connection = null;
    for (const timer of connection.timers) window.clearTimeout(timer);
    connection.signalling.close();
    connection.pc.onconnectionstatechange = null;
    connection.pc.close();
  }

  private async measure(connection: Connection): Promise<void> {
    const now = await figuresOf(connection.pc);
    if (connection !== this.connection) return;
    const before = connection.fresh ?? now;
    const report = makeReport(before, now);
    connection.reported = before;
    connection.fresh = now;
    if (report === null) return;
    if (connection.joinMs !== null) report.join_ms = connection.joinMs;
    connection.signalling.send(report);
    this.show({ ...this.view, line: judgeLine(before, now) });
  }

  private async findFirstFrame(connection: Connection): Promise<void> {
    const deadline = performance.now() + FIRST_FRAME_DEADLINE_MS;
    while (connection === this.connection && performance.now() < deadline) {
      const { received } = await figuresOf(connection.pc);
      if ([...received.values()].some((each) => each.frames > 0)) {
        connection.joinMs = performance.now() - connection.joinSentAt;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_FRAME_EVERY_MS));
    }
  }
}

async function figuresOf(pc: RTCPeerConnection): Promise<Figures> {
  const stats = await pc.getStats();
  const values: { type: string }[] = [];
  stats.forEach((each: { type: string }) => values.push(each));
  return readFigures(values, performance.now());
}

/** `came`: the first packet of a section arrived. */
function streamsOf(sections: Sections, came: () => void): Map<string, MediaStream> {
  const streams = new Map<string, MediaStream>();
  for (const { mid, receiver } of sections.receivers) {
    if (mid === null) continue;
    receiver.track.onunmute = came;
    streams.set(mid, new MediaStream([receiver.track]));
  }
  return streams;
}

/** Layers that nobody looks at are not encoded: it saves the room's CPU and line. */
async function applyDemand(
  connection: Connection,
  publication: string,
  layers: readonly string[],
): Promise<void> {
  const [source] = [...connection.publications].find(([, id]) => id === publication) ?? [];
  const sender = source && connection.sections.senders.get(source)?.sender;
  if (!sender || sender.track?.kind !== "video") return;
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) {
    encoding.active = layers.includes(encoding.rid ?? "high");
  }
  await sender.setParameters(parameters);
}
