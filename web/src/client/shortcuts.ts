// Every key of the teacher's console, in one catalogue. The help overlay shows it.

import type { Key } from "./i18n";

export type Action =
  | "microphone"
  | "camera"
  | "screen"
  | "mute_all"
  | "answer_hand"
  | "clear_stage"
  | "sound"
  | "help";

export interface Shortcut {
  /** `KeyboardEvent.key`, lower case. */
  key: string;
  action: Action;
  says: Key;
}

export const SHORTCUTS: Shortcut[] = [
  { key: "m", action: "microphone", says: "key.microphone" },
  { key: "c", action: "camera", says: "key.camera" },
  { key: "s", action: "screen", says: "key.screen" },
  { key: "h", action: "answer_hand", says: "key.answer_hand" },
  { key: "d", action: "clear_stage", says: "key.clear_stage" },
  { key: "a", action: "mute_all", says: "key.mute_all" },
  { key: "l", action: "sound", says: "key.sound" },
  { key: "?", action: "help", says: "key.help" },
];

export interface Press {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** An action, the number of a room (1-9), or null. */
export function actionOf(press: Press): Action | number | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  if (/^[1-9]$/.test(press.key)) return Number(press.key);
  const found = SHORTCUTS.find((each) => each.key === press.key.toLowerCase());
  return found?.action ?? null;
}

/** Keys typed into a field belong to the field. */
export function typing(event: Event): boolean {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement
  );
}
