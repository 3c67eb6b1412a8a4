// How long to wait before the next try. The first is at once: most breaks are short.

const STEPS_S = [0, 0.3, 1.2, 2.7, 4.8, 7];

/** Milliseconds before try `attempt` (0 is the first). `random` in 0..1 spreads a
 * county's rooms, which all lose the same line at the same moment, by up to 30 %. */
export function backoffMs(attempt: number, random: number): number {
  const step = STEPS_S[Math.min(attempt, STEPS_S.length - 1)] ?? 7;
  return Math.round(step * 1000 * (1 + 0.3 * random));
}
