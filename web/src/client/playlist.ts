// Holes of a recording, read from its HLS playlists before playing begins: a player
// must be told where there is something to start with. RFC 8216 §4.3, and
// EXT-X-GAP of its second edition.

export interface Gap {
  from_s: number;
  to_s: number;
}

/** A piece of a playlist, seconds; `gap`: nothing was recorded there. */
export interface Piece {
  gap?: boolean;
  start: number;
  duration: number;
}

/** The playlists that play together: of the one picture, and of the default sound. */
export function mediaPlaylists(master: string): string[] {
  const lines = master.split("\n");
  const picture = lines[lines.findIndex((each) => each.startsWith("#EXT-X-STREAM-INF")) + 1];
  const sound = lines.find((each) => /^#EXT-X-MEDIA:.*DEFAULT=YES/.test(each));
  const uri = sound?.match(/URI="([^"]+)"/)?.[1];
  return [picture, uri].filter((each) => each !== undefined && each !== "" && !each.startsWith("#"))
    .map(String);
}

export function readPieces(playlist: string): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let gap = false;
  for (const line of playlist.split("\n")) {
    if (line === "#EXT-X-GAP") gap = true;
    if (!line.startsWith("#EXTINF:")) continue;
    const duration = parseFloat(line.slice("#EXTINF:".length));
    pieces.push({ start, duration, gap });
    start += duration;
    gap = false;
  }
  return pieces;
}

/** Holes of picture and sound together, in order: a hole is cut into pieces in a
 * playlist, and a player can go on only where neither has one. */
export function mergeGaps(pieces: Piece[]): Gap[] {
  const gaps: Gap[] = [];
  const holes = pieces.filter((each) => each.gap).sort((a, b) => a.start - b.start);
  for (const { start, duration } of holes) {
    const last = gaps.at(-1);
    if (last !== undefined && start - last.to_s < 0.1) {
      last.to_s = Math.max(last.to_s, start + duration);
    } else gaps.push({ from_s: start, to_s: start + duration });
  }
  return gaps;
}

/** Where to go on when the moment `at_s` lies in a hole; null when it does not. */
export function afterGap(gaps: Gap[], at_s: number): number | null {
  const hole = gaps.find((each) => at_s >= each.from_s - 0.2 && at_s < each.to_s);
  return hole === undefined ? null : hole.to_s + 0.05;
}

/** The holes of the recording behind a master playlist. */
export async function findGaps(master: string): Promise<Gap[]> {
  const address = new URL(master, location.href);
  const lists = mediaPlaylists(await textOf(address));
  const texts = await Promise.all(lists.map((each) => textOf(new URL(each, address))));
  return mergeGaps(texts.flatMap(readPieces));
}

async function textOf(address: URL): Promise<string> {
  const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${response.status} for ${address.pathname}`);
  return response.text();
}
