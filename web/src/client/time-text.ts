// Times of day as people write them: 14:00, 14.00, 1400, 14点, 14点半, 14时30分. Always
// by 24 hours: what 2:00 means is never guessed.

import { clockOf } from "./weekgrid";

// \u70b9 and \u65f6 are words for the hour, \u5206 for the minute, \u534a for half.
const WITH_MARK = /^(\d{1,2})\s*[:.\u70b9\u65f6]\s*(\d{2})\s*\u5206?$/;
const IN_A_ROW = /^(\d{1,2})(\d{2})$/;
const HOUR = /^(\d{1,2})\s*[\u70b9\u65f6]?$/;
const AND_A_HALF = /^(\d{1,2})\s*[\u70b9\u65f6]\s*\u534a$/;
const DAY_MINUTES = 24 * 60;

/** `HH:MM`, 24:00 is the end of a day; "" of an empty text; null of what is no time. */
export function readTime(text: string): string | null {
  const trimmed = text.normalize("NFKC").trim();
  if (trimmed === "") return "";
  const found = WITH_MARK.exec(trimmed) ?? IN_A_ROW.exec(trimmed) ?? HOUR.exec(trimmed);
  const half = AND_A_HALF.exec(trimmed);
  const [, hour, minute] = found ?? (half === null ? [] : ["", half[1], "30"]);
  if (hour === undefined) return null;
  const minutes = Number(minute ?? 0);
  const whole = Number(hour) * 60 + minutes;
  return minutes > 59 || whole > DAY_MINUTES ? null : clockOf(whole);
}
