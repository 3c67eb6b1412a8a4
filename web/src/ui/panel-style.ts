// The panels beside the week.

import { css } from "lit";

export const panelStyle = css`
  :host {
    display: grid;
    gap: 14px;
    align-content: start;
  }
  form,
  fieldset {
    display: grid;
    gap: 10px;
    margin: 0;
    padding: 0;
    border: none;
  }
  legend {
    padding: 0;
    margin-bottom: 6px;
    font-weight: 650;
  }
  label.choice {
    display: grid;
    grid-template-columns: 24px 1fr;
    gap: 4px 10px;
    align-items: center;
    min-height: var(--target);
    line-height: 1.3;
  }
  label.field {
    display: grid;
    gap: 4px;
  }
  input[type="radio"],
  input[type="checkbox"] {
    width: 22px;
    min-height: 22px;
    accent-color: var(--accent);
  }
  input[type="range"] {
    width: 100%;
    padding: 0;
    border: none;
    background: none;
    accent-color: var(--accent);
  }
  small {
    color: var(--text-soft);
  }
  .deeds {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .deeds .primary {
    flex: 1;
  }
  summary {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: var(--target);
    font-weight: 650;
    cursor: pointer;
  }
  summary::before {
    content: "▸";
  }
  details[open] > summary::before {
    content: "▾";
  }
  .list {
    display: grid;
    gap: 8px;
  }
  .list li,
  .note {
    padding: 8px 12px;
    border: 1px solid var(--edge);
    border-left: 4px solid var(--text-soft);
    border-radius: 0 8px 8px 0;
    background: var(--panel);
    line-height: 1.35;
    overflow-wrap: anywhere;
  }
  .list li.bad,
  .note.bad {
    border-left-color: var(--bad);
  }
  .list li.warn,
  .note.warn {
    border-left-color: var(--warn);
  }
  .list li.good,
  .note.good {
    border-left-color: var(--good);
  }
  .list button {
    margin-top: 6px;
    padding: 0 0.8em;
  }
  .sums {
    display: grid;
    grid-template-columns: repeat(2, 1fr);
    gap: 8px;
  }
  .sums div {
    padding: 8px 12px;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--panel);
    font-size: 0.85rem;
  }
  .sums strong {
    display: block;
    font-size: 1.4rem;
    line-height: 1.2;
    font-variant-numeric: tabular-nums;
  }
  progress {
    width: 100%;
    height: 14px;
    accent-color: var(--accent);
  }
`;
