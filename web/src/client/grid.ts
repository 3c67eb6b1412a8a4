// How many columns make the pictures of a wall of tiles largest. Pure.

/** `foot`: pixels under each picture; pictures are 16:9. All lengths in pixels. */
export function bestColumns(
  count: number,
  width: number,
  height: number,
  foot: number,
  gap: number,
): { columns: number; tileWidth: number } {
  let best = { columns: 1, tileWidth: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const wide = (width - gap * (columns - 1)) / columns;
    const high = (height - gap * (rows - 1)) / rows;
    const tileWidth = Math.floor(Math.min(wide, ((high - foot) * 16) / 9));
    if (tileWidth > best.tileWidth) best = { columns, tileWidth };
  }
  return best;
}
