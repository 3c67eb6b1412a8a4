// Days as people write them: 2026-11-22, 2026/11/22, 2026年11月22日, 20261122; without
// a year 11-22 or 11月22日. The year stands first everywhere: 22/11/2026 is refused.

// \u5e74, \u6708 and \u65e5 are the words for year, month and day.
const WITH_YEAR = /^(\d{4})\s*[-/.\u5e74]\s*(\d{1,2})\s*[-/.\u6708]\s*(\d{1,2})\s*\u65e5?$/;
const IN_A_ROW = /^(\d{4})(\d{2})(\d{2})$/;
const WITHOUT_YEAR = /^(\d{1,2})\s*[-/.\u6708]\s*(\d{1,2})\s*\u65e5?$/;

/** ISO date; "" of an empty text; null of what is no day. */
export function readDay(text: string, thisYear: number): string | null {
  const trimmed = text.normalize("NFKC").trim();
  if (trimmed === "") return "";
  const short = WITHOUT_YEAR.exec(trimmed);
  const parts = short
    ? [thisYear, short[1], short[2]]
    : (WITH_YEAR.exec(trimmed) ?? IN_A_ROW.exec(trimmed))?.slice(1);
  if (parts === undefined) return null;
  const [year, month, day] = parts.map(Number) as [number, number, number];
  const found = new Date(Date.UTC(year, month - 1, day));
  // 2026-02-30 would roll over into March.
  if (found.getUTCMonth() !== month - 1 || found.getUTCDate() !== day) return null;
  return found.toISOString().slice(0, 10);
}
