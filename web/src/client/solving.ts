// A run of the solver as a person follows it: how far it is, and a small chart of how
// the cost fell. Pure.

/** One line of the stream of a job. */
export interface Progress {
  phase: string;
  /** Since the start. */
  seconds: number;
  /** null: no timetable yet. */
  cost: number | null;
  /** Cost that no timetable can undercut, as far as is known. */
  bound: number | null;
  placed: number;
  unplaced: number;
  proven: boolean;
}

/** Points of the chart, as SVG path data in a box of `width` × `height`; "" below two
 * costs. A cost holds until the next one is found: steps, not slopes. Timetables that
 * leave more lessons out are cheaper for it and not compared. */
export function chartOf(steps: readonly Progress[], width: number, height: number): string {
  const last = steps.at(-1);
  const known = steps.filter((each) => each.cost !== null && each.unplaced === last?.unplaced);
  if (known.length < 2 || last === undefined) return "";
  const costs = known.map((each) => each.cost!);
  const [low, high] = [Math.min(...costs), Math.max(...costs)];
  const seconds = Math.max(last.seconds, 0.001);
  const x = (at: number): string => ((at / seconds) * width).toFixed(1);
  const y = (cost: number): string =>
    (high === low ? height / 2 : ((high - cost) / (high - low)) * height).toFixed(1);
  const parts = known.map((each, n) =>
    n === 0 ? `M${x(each.seconds)} ${y(each.cost!)}` : `H${x(each.seconds)}V${y(each.cost!)}`,
  );
  return `${parts.join("")}H${width.toFixed(1)}`;
}
