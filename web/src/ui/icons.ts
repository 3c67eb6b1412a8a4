// Our own marks, drawn on a 24 grid with one stroke width. Always beside a word.

import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";

const SHAPES = {
  mic: svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3"/>`,
  micOff: svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3M4 4l16 16"/>`,
  camera: svg`<rect x="3" y="6" width="12" height="12" rx="2"/><path d="M15 11l6-3v8l-6-3"/>`,
  cameraOff: svg`<rect x="3" y="6" width="12" height="12" rx="2"/><path d="M15 11l6-3v8l-6-3M3 3l18 18"/>`,
  screen: svg`<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M8 20h8M12 16v4"/>`,
  stageUp: svg`<path d="M4 20h16M7 20v-5h10v5M12 11V3M8.5 6.5L12 3l3.5 3.5"/>`,
  stageDown: svg`<path d="M4 20h16M7 20v-5h10v5M12 3v8M8.5 7.5L12 11l3.5-3.5"/>`,
  hand: svg`<path d="M8 12V6a1.5 1.5 0 0 1 3 0v5-7a1.5 1.5 0 0 1 3 0v7-5a1.5 1.5 0 0 1 3 0v8c0 4-2 7-6 7-3 0-4.5-1.5-6-4l-2-3.6a1.5 1.5 0 0 1 2.6-1.5L8 13.5"/>`,
  sound: svg`<path d="M4 9v6h4l5 4V5L8 9zM16.5 8.5a5 5 0 0 1 0 7M19 6a8.5 8.5 0 0 1 0 12"/>`,
  soundOff: svg`<path d="M4 9v6h4l5 4V5L8 9zM17 9l5 6M22 9l-5 6"/>`,
  stop: svg`<rect x="5" y="5" width="14" height="14" rx="3"/>`,
  play: svg`<path d="M7 4l13 8-13 8z"/>`,
  pause: svg`<path d="M8 5v14M16 5v14"/>`,
  search: svg`<circle cx="11" cy="11" r="7"/><path d="M16.5 16.5L21 21"/>`,
  download: svg`<path d="M12 3v12M7 10l5 5 5-5M4 20h16"/>`,
  keyboard: svg`<rect x="2" y="6" width="20" height="12" rx="2"/><path d="M6 10h0M10 10h0M14 10h0M18 10h0M8 14h8"/>`,
  back: svg`<path d="M15 5l-7 7 7 7"/>`,
  pencil: svg`<path d="M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"/>`,
  full: svg`<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>`,
  globe: svg`<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"/>`,
  lock: svg`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
  unlock: svg`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V7a4 4 0 0 1 7-2"/>`,
  undo: svg`<path d="M9 5L4 10l5 5M4 10h10a6 6 0 0 1 0 12h-3"/>`,
  redo: svg`<path d="M15 5l5 5-5 5M20 10H10a6 6 0 0 0 0 12h3"/>`,
  check: svg`<path d="M4 12l6 6L20 6"/>`,
  cross: svg`<path d="M5 5l14 14M19 5L5 19"/>`,
  warn: svg`<path d="M12 3l10 18H2zM12 10v5M12 18v0"/>`,
  move: svg`<path d="M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3"/>`,
  tray: svg`<path d="M3 13h5l2 3h4l2-3h5M3 13l3-8h12l3 8v6H3z"/>`,
  plus: svg`<path d="M12 4v16M4 12h16"/>`,
  trash: svg`<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13"/>`,
  spark: svg`<path d="M12 3l2 6 6 2-6 2-2 6-2-6-6-2 6-2z"/>`,
  copy: svg`<rect x="8" y="8" width="12" height="12" rx="2"/><path d="M16 8V4H4v12h4"/>`,
  upload: svg`<path d="M12 15V4M7 8l5-5 5 5M4 20h16"/>`,
  history: svg`<path d="M4 5v5h5M4.5 10A8 8 0 1 1 4 13M12 8v5l3 2"/>`,
  calendar: svg`<rect x="3" y="5" width="18" height="16" rx="2"/><path d="M3 10h18M8 3v4M16 3v4"/>`,
  clock: svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l4 2"/>`,
  forward: svg`<path d="M9 5l7 7-7 7"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof SHAPES;

export function icon(name: IconName): TemplateResult {
  return html`<svg
    viewBox="0 0 24 24"
    width="1.35em"
    height="1.35em"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${SHAPES[name]}
  </svg>`;
}
