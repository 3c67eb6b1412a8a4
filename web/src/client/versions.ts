// The editions of a term in the order in which they ran. Pure.

import type { Edition } from "./editions";

/** Published ones, the earliest first. */
const inOrder = (all: Edition[]): Edition[] =>
  all
    .filter((each) => each.published_at !== null)
    .sort((a, b) => (a.published_at ?? 0) - (b.published_at ?? 0));

/** The one that an edition took over from; undefined: it was the first, or never ran. */
export function ranBefore(all: Edition[], edition: Edition): Edition | undefined {
  const order = inOrder(all);
  const at = order.findIndex((each) => each.id === edition.id);
  return at < 1 ? undefined : order[at - 1];
}

/**
 * The first day on which lessons no longer followed it, as an ISO date; null: they do.
 * An edition published later for earlier days ends it all the same.
 */
export function ranUntil(all: Edition[], edition: Edition): string | null {
  const order = inOrder(all);
  const at = order.findIndex((each) => each.id === edition.id);
  const later = order.slice(at + 1).map((each) => each.from_day ?? "");
  return at < 0 || later.length === 0 ? null : later.reduce((a, b) => (a < b ? a : b));
}
