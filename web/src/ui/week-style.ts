// The week: paper for open hours, hatching for closed ones, bands for bells.

import { css } from "lit";

export const weekStyle = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--panel);
    overflow: clip;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow: auto;
    overscroll-behavior: contain;
    position: relative;
  }
  .week {
    display: grid;
    grid-template-columns: 3.4rem repeat(var(--days), minmax(var(--least, 8.2rem), 1fr));
    min-width: min-content;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 5;
    padding: 6px 8px;
    text-align: center;
    font-weight: 650;
    background: var(--panel);
    border-bottom: 1px solid var(--edge);
  }
  .head.corner {
    left: 0;
    z-index: 6;
  }
  .hours {
    position: sticky;
    left: 0;
    z-index: 4;
    background: var(--panel);
    border-right: 1px solid var(--edge);
  }
  .hours span {
    position: absolute;
    right: 6px;
    transform: translateY(-50%);
    font-size: 0.78rem;
    font-variant-numeric: tabular-nums;
    color: var(--text-soft);
  }
  .hours span.first {
    transform: none;
  }
  .day {
    position: relative;
    border-right: 1px solid var(--edge);
  }
  .day > * {
    position: absolute;
    left: 0;
    right: 0;
  }
  .line {
    height: 0;
    border-top: 1px dotted var(--edge);
  }
  .closed {
    background: repeating-linear-gradient(
      -45deg,
      color-mix(in srgb, var(--text) 9%, var(--panel)) 0 2px,
      color-mix(in srgb, var(--text) 4%, var(--panel)) 2px 9px
    );
  }
  .bell {
    padding: 1px 6px;
    font-size: 0.72rem;
    line-height: 1.3;
    color: var(--text-soft);
    background: #eaf0ea;
    border-block: 1px solid #c3d2c6;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .rails {
    top: 0;
    bottom: 0;
    left: auto !important;
    display: flex;
    gap: 1px;
  }
  .rail {
    position: relative;
    width: 5px;
  }
  .rail i {
    position: absolute;
    left: 0;
    right: 0;
    border-radius: 2px;
    background: #7d9fc4;
  }
  .busy {
    padding: 2px 6px;
    font-size: 0.75rem;
    line-height: 1.25;
    color: var(--text-soft);
    background: #e6e2d6;
    border-left: 3px solid #a49f8e;
    overflow: hidden;
  }
  .busy.closed-time {
    border-left-color: var(--text-soft);
    background: repeating-linear-gradient(-45deg, #d9d5c9 0 2px, #e6e2d6 2px 8px);
  }
  .lesson {
    z-index: 2;
    display: block;
    padding: 2px 4px 1px 6px;
    border: 1.5px solid var(--accent);
    border-left-width: 5px;
    border-radius: 8px;
    background: #f0faf6;
    color: var(--text);
    font-size: 0.76rem;
    line-height: 1.2;
    text-align: left;
    overflow: hidden;
    cursor: grab;
    user-select: none;
    -webkit-user-select: none;
    -webkit-touch-callout: none;
    touch-action: manipulation;
  }
  .lesson strong,
  .lesson span {
    display: block;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .lesson strong {
    font-size: 0.82rem;
    white-space: normal;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
  .lesson svg {
    width: 1.1em;
    height: 1.1em;
    vertical-align: -0.25em;
    color: var(--accent-strong);
  }
  .lesson.solver {
    border-style: dashed;
    border-left-style: solid;
    background: var(--panel);
  }
  .lesson.import {
    border-style: dotted;
    border-left-style: solid;
    background: var(--panel);
  }
  .lesson.locked {
    cursor: default;
    background: #dff0ea;
  }
  .lesson.trouble {
    border-color: var(--bad);
    background: repeating-linear-gradient(-45deg, #fbdedb 0 5px, #fff5f3 5px 14px);
  }
  .lesson[aria-pressed="true"] {
    box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 45%, transparent);
  }
  .lesson:focus-visible,
  .cell:focus-visible {
    outline-offset: -3px;
    z-index: 4;
  }
  .carrying .lesson,
  .carrying .busy {
    opacity: 0.45;
  }
  .carrying .lesson.held {
    opacity: 0;
  }
  .cell {
    z-index: 3;
    display: flex;
    align-items: safe center;
    justify-content: center;
    min-height: 0;
    min-width: 0;
    padding: 1px 4px;
    border: 2px solid;
    border-radius: 8px;
    font-size: 0.78rem;
    line-height: 1.15;
    text-align: center;
    overflow: hidden;
    cursor: grabbing;
    touch-action: none;
  }
  .cell svg {
    width: 1.15em;
    height: 1.15em;
    vertical-align: -0.2em;
  }
  .cell b {
    font-variant-numeric: tabular-nums;
  }
  .cell.free {
    border-color: #1c7244;
    background: #d3efdc;
    color: #0c4526;
  }
  .cell.costly {
    border-color: #9a6500;
    background: #fdebc4;
    color: #5b3700;
  }
  .cell.blocked {
    border-color: #b3261e;
    background: #fae0dd;
    color: #7d1610;
  }
  .cell.own {
    border-style: dashed;
    border-color: var(--text);
    background: #ffffff;
    color: var(--text);
  }
  .cell.over {
    z-index: 4;
    box-shadow: 0 0 0 4px var(--focus);
  }
  .strip {
    position: sticky;
    bottom: 0;
    z-index: 7;
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-content: start;
    align-items: center;
    gap: 2px 16px;
    height: 104px;
    overflow: auto;
    padding: 6px 14px;
    border-top: 2px solid var(--edge);
    font-size: 0.9rem;
    background: var(--panel);
  }
  .strip.free {
    border-top-color: #1c7244;
  }
  .strip.costly {
    border-top-color: #9a6500;
  }
  .strip.blocked {
    border-top-color: #b3261e;
  }
  .keys,
  .tap {
    color: var(--text-soft);
    font-size: 0.82rem;
  }
  .tap {
    display: none;
  }
  @media (hover: none) {
    .keys {
      display: none;
    }
    .tap {
      display: block;
    }
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 18px;
    padding: 6px 14px;
    max-height: 5.4rem;
    overflow: auto;
    border-top: 1px solid var(--edge);
    font-size: 0.78rem;
    color: var(--text-soft);
  }
  .legend span {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .legend i {
    flex: none;
    width: 20px;
    height: 14px;
    border: 1.5px solid var(--accent);
    border-left-width: 5px;
    border-radius: 3px;
  }
  .legend i.solver {
    border-style: dashed;
    border-left-style: solid;
  }
  .legend i.import {
    border-style: dotted;
    border-left-style: solid;
  }
  .legend i.trouble {
    border-color: var(--bad);
    background: repeating-linear-gradient(-45deg, #fbdedb 0 3px, #fff5f3 3px 6px);
  }
  .legend i.site {
    width: 7px;
    border: none;
    background: #7d9fc4;
  }
  .legend i.local {
    border: none;
    border-left: 3px solid #a49f8e;
    background: #e6e2d6;
  }
  .legend i.shut {
    border: 1px solid var(--edge);
    background: repeating-linear-gradient(
      -45deg,
      color-mix(in srgb, var(--text) 20%, var(--panel)) 0 2px,
      var(--panel) 2px 6px
    );
  }
  @media (max-width: 1000px) {
    /* A finger that came to the end of the week scrolls the page on. */
    .scroll {
      overscroll-behavior-y: auto;
    }
    .week {
      --least: 6.9rem;
    }
  }
`;
