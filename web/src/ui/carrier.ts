// Pointers and keys of a page, told to the table of states in `client/carry`.

import type { ReactiveController, ReactiveControllerHost } from "lit";
import * as states from "../client/carry";
import type { Carry, Deed, Hold, Point, Spot, Step } from "../client/carry";
import type { Cell } from "../client/whynot";
import { WAYS } from "./week";

/** As long as a finger rests before it lifts a lesson instead of scrolling. */
const REST_MS = 350;

export interface CarrierDeeds {
  whyNot(hold: Hold): Promise<Cell[]>;
  spotAt(at: Point): Spot;
  scrollNear(at: Point): void;
  perform(deed: Exclude<Deed, { do: "ask_why_not" }>): void;
  /** After every step; `was` is the state before. `done`: it leads to a deed. */
  stepped(was: Carry, now: Carry, done: boolean): void;
  failed(error: unknown): void;
}

export class Carrier implements ReactiveController {
  carry: Carry = states.IDLE;
  private resting = 0;
  private pointer = 0;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly deeds: CarrierDeeds,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    window.addEventListener("pointermove", this.moved);
    window.addEventListener("pointerup", this.released);
    window.addEventListener("pointercancel", this.cancelled);
    window.addEventListener("keydown", this.keyed, { capture: true });
    // Not passive: a lesson held by a finger must not scroll the page.
    window.addEventListener("touchmove", this.touchMoved, { passive: false });
  }

  hostDisconnected(): void {
    window.removeEventListener("pointermove", this.moved);
    window.removeEventListener("pointerup", this.released);
    window.removeEventListener("pointercancel", this.cancelled);
    window.removeEventListener("keydown", this.keyed, { capture: true });
    window.removeEventListener("touchmove", this.touchMoved);
    window.clearTimeout(this.resting);
  }

  press(hold: Hold, event: PointerEvent): void {
    if (this.carry.is !== "idle" || !event.isPrimary) return;
    const touch = event.pointerType === "touch";
    this.pointer = event.pointerId;
    this.take(states.press(hold, touch, pointOf(event)));
    window.clearTimeout(this.resting);
    if (touch) this.resting = window.setTimeout(() => this.take(states.heldLong(this.carry)), REST_MS);
  }

  lift(hold: Hold): void {
    this.take(states.lift(hold));
  }

  pointAt(over: number): void {
    this.take(states.pointAt(this.carry, over));
  }

  drop(): void {
    this.take(states.drop(this.carry));
  }

  force(): void {
    this.take(states.force(this.carry));
  }

  putBack(): void {
    window.clearTimeout(this.resting);
    if (this.carry.is !== "idle") this.take(states.putBack());
  }

  private take({ now, deed }: Step): void {
    const was = this.carry;
    this.carry = now;
    if (was !== now) {
      this.deeds.stepped(was, now, deed !== undefined);
      this.host.requestUpdate();
    }
    if (deed === undefined) return;
    if (deed.do === "ask_why_not") void this.ask(deed.hold);
    else this.deeds.perform(deed);
  }

  private async ask(hold: Hold): Promise<void> {
    try {
      const cells = await this.deeds.whyNot(hold);
      this.take(states.known(this.carry, hold, cells));
    } catch (error) {
      this.putBack();
      this.deeds.failed(error);
    }
  }

  private get isDragged(): boolean {
    return this.carry.is === "carried" && this.carry.dragging;
  }

  private readonly moved = (event: PointerEvent): void => {
    if (event.pointerId !== this.pointer) return;
    if (this.carry.is !== "pressed" && !this.isDragged) return;
    const at = pointOf(event);
    this.take(states.move(this.carry, at, this.deeds.spotAt(at)));
    if (this.isDragged) this.deeds.scrollNear(at);
  };

  private readonly released = (event: PointerEvent): void => {
    if (event.pointerId !== this.pointer) return;
    window.clearTimeout(this.resting);
    if (this.carry.is === "pressed" || this.isDragged) this.drop();
  };

  private readonly cancelled = (event: PointerEvent): void => {
    if (event.pointerId !== this.pointer) return;
    if (this.carry.is === "pressed" || this.isDragged) this.putBack();
  };

  private readonly touchMoved = (event: TouchEvent): void => {
    if (this.isDragged && event.cancelable) event.preventDefault();
  };

  /** While a lesson is in hand the keys belong to it. */
  private readonly keyed = (event: KeyboardEvent): void => {
    if (this.carry.is !== "carried") return;
    const way = WAYS[event.key];
    const onButton = event.composedPath()[0] instanceof HTMLButtonElement;
    if (event.key === "Escape") this.putBack();
    else if (this.carry.dragging) return;
    else if (way !== undefined) this.take(states.arrow(this.carry, way));
    else if (event.key === "PageDown") this.take(states.toFree(this.carry, 1));
    else if (event.key === "PageUp") this.take(states.toFree(this.carry, -1));
    else if (event.key === "Enter" && !onButton) this.drop();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

const pointOf = (event: PointerEvent): Point => ({ x: event.clientX, y: event.clientY });
