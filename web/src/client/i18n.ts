// Words for people. Catalogues are flat; `{name}` is filled in. Chinese comes first:
// English only where a person asked for it.

import en from "../i18n/en.json";
import zh from "../i18n/zh-CN.json";

export type Key = keyof typeof zh;
export type Lang = "zh-CN" | "en";

const STORE = "tongke.lang";
const catalogues: Record<Lang, Record<Key, string>> = { "zh-CN": zh, en };

export function chooseLang(asked: string | null, kept: string | null): Lang {
  const wanted = asked ?? kept ?? "zh-CN";
  return wanted.toLowerCase().startsWith("en") ? "en" : "zh-CN";
}

function startLang(): Lang {
  const asked = new URLSearchParams(location.search).get("lang");
  const chosen = chooseLang(asked, localStorage.getItem(STORE));
  if (asked !== null) localStorage.setItem(STORE, chosen);
  document.documentElement.lang = chosen;
  return chosen;
}

export const lang: Lang = typeof location === "undefined" ? "zh-CN" : startLang();

export function switchLang(): void {
  localStorage.setItem(STORE, lang === "en" ? "zh-CN" : "en");
  const here = new URL(location.href);
  here.searchParams.delete("lang");
  location.replace(here);
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(catalogues[lang][key], values);
}

/** A word of a fixed list such as a state; the raw word when the list has grown. */
export function word(list: string, value: string): string {
  const found = catalogues[lang][`${list}.${value}` as Key] as string | undefined;
  return found ?? value;
}

export function pick(message: { zh?: string | null; en?: string | null }): string {
  return (lang === "en" ? message.en || message.zh : message.zh || message.en) ?? "";
}

const clock = new Intl.DateTimeFormat("zh-CN", {
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});
const day = new Intl.DateTimeFormat(lang, {
  month: "long",
  day: "numeric",
  weekday: "long",
});
const date = new Intl.DateTimeFormat(lang, {
  year: "numeric",
  month: "short",
  day: "numeric",
});

const weekday = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
const A_MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

export const clockTime = (unixS: number): string => clock.format(unixS * 1000);
export const dayName = (unixS: number): string => day.format(unixS * 1000);
export const dateName = (unixS: number): string => date.format(unixS * 1000);

/** ISO weekday 1 → Monday, short. */
export const weekdayName = (iso: number): string => weekday.format(A_MONDAY + (iso - 1) * DAY_MS);

/** 75 → 1:15, 3675 → 1:01:15. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
