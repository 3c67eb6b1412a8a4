// Who is sitting here. A key comes once, in the address fragment (it never reaches a
// server's log), and becomes an HttpOnly cookie.

import { signIn } from "./api";

/** Turns `#key=...` into a session. true when there was one and it was good. */
export async function takeKeyFromAddress(): Promise<boolean> {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const key = fragment.get("key");
  if (key === null) return false;
  history.replaceState(null, "", location.pathname + location.search);
  await signIn(key);
  return true;
}

export function goToSignIn(): void {
  const next = location.pathname + location.search;
  location.replace(`/sign-in?next=${encodeURIComponent(next)}`);
}

/** Only our own paths: an address from outside must not send people elsewhere. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith("/")) return "/";
  return next.startsWith("//") || next.includes("\\") ? "/" : next;
}
