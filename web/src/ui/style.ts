// What every component shares: the shadow root does not see base.css rules, only its
// custom properties.

import { css } from "lit";

export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: 1.75rem;
    line-height: 1.25;
    font-weight: 650;
  }
  h2 {
    font-size: 1.25rem;
    line-height: 1.35;
    font-weight: 650;
  }
  a {
    color: inherit;
  }
  button,
  .button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    min-height: var(--target);
    min-width: var(--target);
    padding: 0 1.1em;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--panel);
    color: var(--text);
    text-decoration: none;
    line-height: 1.2;
    cursor: pointer;
    touch-action: manipulation;
  }
  button:hover:not(:disabled),
  .button:hover {
    border-color: currentColor;
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  .primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
    font-weight: 650;
  }
  .primary:hover:not(:disabled) {
    background: var(--accent-strong);
  }
  .danger {
    border-color: var(--bad);
    color: var(--bad);
  }
  input,
  select {
    min-height: var(--target);
    padding: 0 0.75em;
    border: 1px solid var(--text-soft);
    border-radius: var(--radius);
    background: var(--panel);
    max-width: 100%;
    text-overflow: ellipsis;
  }
  .date,
  .time {
    position: relative;
    display: flex;
    gap: 4px;
  }
  .date input[type="text"],
  .time input {
    flex: 1;
    min-width: 0;
    font-variant-numeric: tabular-nums;
  }
  .date button {
    padding: 0;
  }
  /* Only the calendar that it opens is seen. */
  .date input[type="date"] {
    position: absolute;
    inset: 0 0 0 auto;
    width: var(--target);
    padding: 0;
    opacity: 0;
    pointer-events: none;
  }
  /* A list that shows no more than its mark until it is opened. */
  .time .list {
    position: relative;
    display: grid;
    flex: none;
    place-items: center;
    width: var(--target);
    height: var(--target);
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--panel);
  }
  .time .list:hover {
    border-color: currentColor;
  }
  .time .list:focus-within {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .time select {
    position: absolute;
    inset: -1px;
    width: var(--target);
    max-width: none;
    opacity: 0;
    cursor: pointer;
  }
  :focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .soft {
    color: var(--text-soft);
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
`;
