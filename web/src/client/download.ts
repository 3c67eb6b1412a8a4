// Taking a lesson along. The file is made when it is first asked for: until then the
// server answers 202 with how far it is. Then the browser's own download manager does
// the rest: it shows progress, survives leaving the page, and needs no memory.

import { ApiError } from "./api";
import { pick, t } from "./i18n";

const ASK_EVERY_MS = 1000;
/** Making the file takes seconds to minutes; without any progress so long it is stuck. */
const STUCK_MS = 120_000;

interface Making {
  state: "preparing" | "ready" | "failed";
  /** 0..1. */
  progress: number;
  zh: string;
  en: string;
}

/** `progress`: share of the making, 0..1. Throws ApiError. */
export async function download(url: string, progress: (share: number) => void): Promise<void> {
  let movedAt = performance.now();
  let share = -1;
  for (let made = await ask(url); made !== null; made = await ask(url)) {
    if (made.state === "failed") throw new ApiError(0, "download", pick(made));
    if (made.progress > share) movedAt = performance.now();
    share = made.progress;
    if (performance.now() - movedAt > STUCK_MS) {
      throw new ApiError(0, "download", t("error.download"));
    }
    progress(share);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}

/** null when the file is there. */
async function ask(url: string): Promise<Making | null> {
  const stop = new AbortController();
  try {
    const response = await fetch(url, { signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]) });
    if (response.status === 202) return (await response.json()) as Making;
    if (response.ok) return null;
    const problem = (await response.json()) as { code?: string; zh?: string; en?: string };
    throw new ApiError(response.status, problem.code ?? "download", pick(problem));
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0, "download", t("error.download"));
  } finally {
    // Only the answer's head was wanted.
    stop.abort();
  }
}
