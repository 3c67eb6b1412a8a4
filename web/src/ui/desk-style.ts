// The desk pages: paper, a measure one can read, cards in a grid.

import { css } from "lit";

export const deskStyle = css`
  :host {
    display: block;
    min-height: 100vh;
    background: var(--ground);
    color: var(--text);
  }
  main {
    max-width: 84rem;
    margin: 0 auto;
    padding: clamp(16px, 3vw, 36px) clamp(16px, 4vw, 48px) 64px;
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px 20px;
    margin-bottom: 20px;
  }
  .card {
    padding: 18px 20px;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--panel);
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 0.45em;
    font-weight: 650;
    white-space: nowrap;
  }
  .state::before {
    content: "";
    flex: none;
    width: 0.75em;
    height: 0.75em;
    border-radius: 50%;
    background: currentColor;
  }
  .state.quiet {
    color: var(--text-soft);
    font-weight: 500;
  }
  .state.quiet::before {
    background: none;
    border: 2px solid currentColor;
  }
  .state.good {
    color: var(--good);
  }
  .state.warn {
    color: var(--warn);
  }
  .state.warn::before {
    border-radius: 2px;
    transform: rotate(45deg);
  }
  .state.bad {
    color: var(--bad);
  }
  .state.bad::before {
    border-radius: 2px;
  }
  .alert {
    padding: 12px 16px;
    border-left: 4px solid var(--bad);
    background: color-mix(in srgb, var(--bad) 8%, var(--panel));
    border-radius: 0 var(--radius) var(--radius) 0;
  }
  .empty {
    padding: 40px 20px;
    text-align: center;
    color: var(--text-soft);
    border: 1px dashed var(--text-soft);
    border-radius: var(--radius);
  }
`;
