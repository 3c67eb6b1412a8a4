// How the teacher's console is laid out: rooms large, oneself small, doings below.

import { css } from "lit";

export const teachStyle = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto minmax(0, 1fr) auto;
    height: 100vh;
    height: 100dvh;
    background: var(--ground);
    color: var(--text);
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 20px;
    padding: 8px 20px;
    background: var(--panel);
    border-bottom: 1px solid var(--edge);
  }
  header h1 {
    font-size: 1.2rem;
    flex: 1 1 10em;
    min-width: 0;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  header a {
    display: inline-grid;
    place-items: center;
    min-width: var(--target);
    min-height: var(--target);
    color: var(--text-soft);
  }
  .fact {
    display: inline-flex;
    align-items: center;
    gap: 0.4em;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .rec {
    color: var(--live);
    font-weight: 700;
  }
  .rec::before {
    content: "";
    width: 0.7em;
    height: 0.7em;
    border-radius: 50%;
    background: currentColor;
  }
  .rec.off {
    color: var(--text-soft);
    font-weight: 400;
  }
  .rec.off::before {
    background: none;
    border: 2px solid currentColor;
  }
  .good {
    color: var(--good);
  }
  .fair {
    color: var(--warn);
  }
  .poor {
    color: var(--bad);
    font-weight: 650;
  }
  .body {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 300px;
    gap: 14px;
    padding: 14px;
    min-height: 0;
  }
  aside {
    display: flex;
    flex-direction: column;
    gap: 14px;
    min-height: 0;
    overflow: auto;
  }
  section {
    padding: 12px;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--panel);
  }
  section h2 {
    font-size: 1rem;
    margin-bottom: 8px;
    display: flex;
    justify-content: space-between;
    align-items: center;
    gap: 8px;
  }
  .own {
    display: grid;
    gap: 8px;
  }
  .speaker {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 2px 12px;
  }
  .speaker h2 {
    margin: 0;
  }
  .silent {
    margin-top: 10px;
    padding: 8px 12px;
    border-left: 4px solid var(--warn);
    background: var(--board-3);
    line-height: 1.35;
  }
  @media (max-height: 860px) {
    .own.pair {
      grid-template-columns: 1fr 1fr;
    }
  }
  .own tk-video {
    aspect-ratio: 16 / 9;
    border-radius: 8px;
  }
  meter {
    display: block;
    width: 100%;
    height: 16px;
    margin-top: 8px;
    appearance: none;
  }
  meter::-webkit-meter-inner-element {
    display: block;
    height: 100%;
  }
  meter::-webkit-meter-bar {
    height: 100%;
    border: 1px solid var(--text-soft);
    border-radius: 8px;
    background: #050b09;
    overflow: hidden;
  }
  meter::-webkit-meter-optimum-value {
    background: var(--stage);
  }
  meter::-moz-meter-bar {
    background: var(--stage);
  }
  .hands li {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    min-height: var(--target);
  }
  .hands li + li {
    margin-top: 8px;
  }
  .hands span {
    min-width: 0;
    overflow-wrap: anywhere;
    line-height: 1.3;
  }
  .hands button {
    flex: none;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    align-items: stretch;
    padding: 10px 20px;
    background: var(--panel);
    border-top: 1px solid var(--edge);
  }
  .bar button {
    min-height: 56px;
    background: var(--board-3);
    white-space: nowrap;
  }
  .bar button[aria-pressed="true"] {
    background: #1f5a4b;
    border-color: var(--stage);
    font-weight: 650;
  }
  .bar .space {
    flex: 1;
  }
  .bar .danger {
    background: none;
  }
  .notice {
    position: fixed;
    inset: 74px 12px auto;
    z-index: 5;
    display: flex;
    gap: 14px;
    align-items: center;
    justify-content: space-between;
    width: fit-content;
    max-width: 46rem;
    margin: 0 auto;
    padding: 10px 20px;
    border-radius: var(--radius);
    background: var(--hand);
    color: var(--on-hand);
    font-weight: 600;
  }
  .notice button {
    flex: none;
    background: transparent;
    border-color: currentColor;
    color: inherit;
  }
  .door {
    grid-row: 1 / -1;
    align-self: center;
    justify-self: center;
    display: grid;
    gap: 18px;
    width: min(92vw, 60rem);
    padding: clamp(18px, 4vw, 40px);
    border-radius: 18px;
    border: 1px solid var(--edge);
    background: var(--panel);
    max-height: 100vh;
    overflow: auto;
  }
  .door .preview {
    display: grid;
    grid-template-columns: minmax(0, 3fr) minmax(14rem, 2fr);
    gap: 20px;
    align-items: center;
  }
  .door tk-video {
    aspect-ratio: 16 / 9;
    border-radius: var(--radius);
  }
  .door .side {
    display: grid;
    gap: 12px;
  }
  .door .primary {
    min-height: 64px;
    font-size: 1.25rem;
  }
  @media (max-width: 900px) {
    :host {
      height: auto;
      min-height: 100dvh;
    }
    .body {
      display: flex;
      flex-direction: column;
    }
    aside {
      display: contents;
    }
    .hands {
      order: -1;
    }
    .own {
      grid-template-columns: 1fr 1fr;
    }
    .bar {
      position: sticky;
      bottom: 0;
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(4.7rem, 1fr));
      padding: 8px;
      gap: 6px;
    }
    .bar .space {
      display: none;
    }
    .bar button {
      flex-direction: column;
      gap: 2px;
      padding: 4px;
      min-height: 60px;
      min-width: 0;
      font-size: 0.8rem;
      line-height: 1.15;
      white-space: normal;
    }
    .door .preview {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
