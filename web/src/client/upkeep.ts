// What an operator should mend before it hurts: a room whose clock is wrong, or that
// would go by an old agenda if the server went away.

import { call } from "./api";
import { clockTime, dayName, type Key } from "./i18n";

export interface SiteRoom {
  id: string;
  name: string;
  school_name: string;
  online: boolean;
  agenda: { told_at: number | null; is_current: boolean } | null;
  clock_skew_s: number | null;
}

export interface Care {
  key: Key;
  values: Record<string, string | number>;
}

/** As the room's own check of itself. */
const SKEW_LIMIT_S = 2;
/** The scheduler offers an agenda again every minute: older than that, it is refused. */
const PATIENCE_S = 150;

export const siteRooms = (): Promise<SiteRoom[]> => call("GET", "/api/v1/site-rooms");

export class Upkeep {
  private readonly rooms = new Map<string, SiteRoom>();
  private readonly behindSince = new Map<string, number>();

  /** `now`: seconds, by any steady clock. */
  hear(rooms: SiteRoom[], now: number): void {
    this.rooms.clear();
    for (const room of rooms) {
      this.rooms.set(room.id, room);
      if (!room.online || room.agenda?.is_current) this.behindSince.delete(room.id);
      else if (!this.behindSince.has(room.id)) this.behindSince.set(room.id, now);
    }
  }

  of(id: string, now: number): Care[] {
    const room = this.rooms.get(id);
    if (!room?.online) return [];
    const cares: Care[] = [];
    const skew = room.clock_skew_s;
    if (skew !== null && Math.abs(skew) > SKEW_LIMIT_S) {
      const key = skew > 0 ? "care.clock_ahead" : "care.clock_behind";
      cares.push({ key, values: { n: Math.round(Math.abs(skew)) } });
    }
    const since = this.behindSince.get(id);
    if (since !== undefined && now - since >= PATIENCE_S) cares.push(staleAgenda(room));
    return cares;
  }
}

function staleAgenda({ agenda }: SiteRoom): Care {
  const told = agenda?.told_at ?? null;
  if (told === null) return { key: "care.no_agenda", values: {} };
  return { key: "care.old_agenda", values: { when: `${dayName(told)} ${clockTime(told)}` } };
}
