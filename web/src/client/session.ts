// Who is sitting here. A key comes once, in the address fragment (it never reaches a
// server's log), and becomes an HttpOnly cookie.

import { ApiError, call, type Person, queryOf, signIn, whoAmI } from "./api";
import { t } from "./i18n";

/** The address had a key, and it was not good. */
let refused = false;
let taking: Promise<boolean> | null = null;

/** Turns `#key=...` into a session. true when there was one and it was good. */
export function takeKeyFromAddress(): Promise<boolean> {
  taking ??= take().finally(() => {
    taking = null;
  });
  return taking;
}

async function take(): Promise<boolean> {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const key = fragment.get("key");
  if (key === null) return false;
  try {
    await signIn(key);
  } catch (error) {
    // A key that the server has not seen is good for another try.
    if (error instanceof ApiError && error.status !== 0) forgetFragment();
    refused = error instanceof ApiError && error.notSignedIn;
    throw error;
  }
  forgetFragment();
  return true;
}

function forgetFragment(): void {
  history.replaceState(null, "", location.pathname + location.search);
}

/** Whoever is signed in; null while that is not known. Never throws ApiError:
 * what goes wrong here, the page's own question says as well. */
export async function personHere(): Promise<Person | null> {
  try {
    await takeKeyFromAddress();
    return await whoAmI();
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** Several people use one computer. Throws ApiError when the server did not hear. */
export async function signOut(): Promise<void> {
  await call("POST", "/api/v1/sign-out");
  location.replace("/sign-in");
}

/** What the browser's tab and history call this page. */
export function titlePage(name: string): void {
  document.title = name === "" ? t("brand") : `${name} · ${t("brand")}`;
}

export function goToSignIn(): void {
  const next = location.pathname + location.search;
  location.replace(`/sign-in${queryOf({ next, why: refused ? "key" : undefined })}`);
}

/** Only our own paths: an address from outside must not send people elsewhere. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith("/")) return "/";
  return next.startsWith("//") || next.includes("\\") ? "/" : next;
}
