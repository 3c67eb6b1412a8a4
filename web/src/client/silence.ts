// Says when an open microphone brings nothing: unplugged, switched off at its own
// button, or the wrong one chosen. Pure.

/** As a share of `Meter`'s scale: below about -59 dBFS even a quiet class is louder. */
const SILENT_BELOW = 0.02;
export const SILENT_AFTER_S = 8;

export class SilenceWatch {
  private soundAt: number | null = null;

  /** `level` 0..1, or null while nobody would be heard anyway. Answers whether it has
   * been silent for long enough to say so. `nowS`: seconds of any clock. */
  hear(level: number | null, nowS: number): boolean {
    if (level === null) {
      this.soundAt = null;
      return false;
    }
    if (this.soundAt === null || level >= SILENT_BELOW) this.soundAt = nowS;
    return nowS - this.soundAt >= SILENT_AFTER_S;
  }
}
