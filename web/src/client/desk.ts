// The board on a person's desk: shows what they do at once, and takes it back visibly
// when the server refuses.

import { ApiError } from "./api";
import { applied, type Board, BoardIndex, type BoardChanges, type Change, changed, same } from "./board";
import type { Hold } from "./carry";
import { boardOf, change, goBack, whyNot } from "./editions";
import type { Cell } from "./whynot";

/** Somebody else, or the solver, has changed the edition meanwhile. */
export class ChangedElsewhere extends Error {}

export class Desk {
  index: BoardIndex | null = null;
  /** A change is on its way; the next waits for it. */
  private busy: Promise<unknown> = Promise.resolve();

  constructor(private readonly tell: () => void) {}

  get board(): Board | null {
    return this.index?.board ?? null;
  }

  /** `week`: whose bells are shown; null: the edition's own. */
  async open(edition: string, week: number | null = null): Promise<void> {
    this.show(await boardOf(edition, week));
  }

  close(): void {
    this.index = null;
    this.tell();
  }

  private show(board: Board): void {
    this.index = new BoardIndex(board);
    this.tell();
  }

  async whyNot(hold: Hold): Promise<Cell[]> {
    const edition = this.board?.id ?? "";
    const { cells } = await whyNot(edition, hold.course, hold.from);
    // Another lesson of the course is not the place of the one in hand.
    return cells.map((each) => ({
      ...each,
      mine: hold.from !== null && same({ course: "", ...each }, { course: "", ...hold.from }),
    }));
  }

  /** Raises ApiError when refused (the board is as before), ChangedElsewhere when the
   * board had to be fetched anew. */
  change(wish: Change): Promise<void> {
    return this.inTurn(async (before) => {
      this.show(changed(before, wish));
      await this.settle(before, change(before.id, before.revision, [wish]));
    });
  }

  back(way: "undo" | "redo"): Promise<void> {
    return this.inTurn((before) => this.settle(before, goBack(before.id, before.revision, way)));
  }

  private inTurn(deed: (before: Board) => Promise<void>): Promise<void> {
    const turn = this.busy.then(async () => {
      if (this.board !== null) await deed(this.board);
    });
    this.busy = turn.catch(() => undefined);
    return turn;
  }

  private async settle(before: Board, answer: Promise<BoardChanges>): Promise<void> {
    try {
      this.show(applied(before, await answer));
    } catch (error) {
      this.show(before);
      if (error instanceof ApiError && error.code === "edition_changed") {
        await this.open(before.id);
        throw new ChangedElsewhere();
      }
      throw error;
    }
  }
}
