// Taking a lesson along. The file is made when it is first asked for; once it is there
// the browser's own download manager does the rest: it shows progress, survives
// leaving the page, and needs no memory.

import { ApiError } from "./api";
import { pick, t } from "./i18n";
import { downloadState, downloadUrl } from "./library";

const ASK_EVERY_MS = 1000;
/** Making the file takes seconds to minutes; without any progress so long it is stuck. */
const STUCK_MS = 120_000;
const KEPT_MS = 60_000;

/** `progress`: share of the making, 0..1. Throws ApiError. */
export async function download(
  resource: string,
  track: string,
  progress: (share: number) => void,
): Promise<void> {
  let movedAt = performance.now();
  let share = -1;
  for (;;) {
    const made = await downloadState(resource, track);
    if (made.state === "ready") break;
    if (made.state === "failed") throw new ApiError(0, "download", pick(made));
    if (made.progress > share) movedAt = performance.now();
    share = made.progress;
    if (performance.now() - movedAt > STUCK_MS) {
      throw new ApiError(0, "download", t("error.download"));
    }
    progress(share);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  save(downloadUrl(resource, track), "");
}

/** A text of this page as a file. */
export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  save(url, name);
  // The browser reads it after this: let go too early and the file is empty.
  window.setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

function save(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
