// A download that shows how far it is.

import { ApiError } from "./api";
import { t } from "./i18n";

/** No byte for so long: the line is dead. */
const SILENT_MS = 30_000;

/** `progress`: bytes so far, and of how many (null when the server does not say). */
export async function download(
  url: string,
  name: string,
  progress: (done: number, all: number | null) => void,
): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const abort = new AbortController();
  let watchdog = window.setTimeout(() => abort.abort(), SILENT_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) {
      throw new ApiError(response.status, "download", t("error.status", { status: response.status }));
    }
    const all = Number(response.headers.get("Content-Length")) || null;
    let done = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { value, done: end } = await reader.read();
      if (end) break;
      window.clearTimeout(watchdog);
      watchdog = window.setTimeout(() => abort.abort(), SILENT_MS);
      parts.push(value);
      done += value.length;
      progress(done, all);
    }
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0, "download", t("error.download"));
  } finally {
    window.clearTimeout(watchdog);
  }
  save(new Blob(parts, { type: "video/mp4" }), name);
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
