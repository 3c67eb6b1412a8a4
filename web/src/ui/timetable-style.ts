// The desk of the timetabler: tools on top, the week, a panel beside it.

import { css } from "lit";

export const deskLayout = css`
  :host {
    flex: 1;
    display: flex;
    flex-direction: column;
    gap: 10px;
    min-height: 0;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
  }
  tk-who {
    flex: none;
  }
  .alert,
  .note {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    padding: 8px 14px;
    border-left: 4px solid var(--accent);
    border-radius: 0 var(--radius) var(--radius) 0;
    background: color-mix(in srgb, var(--accent) 9%, var(--panel));
  }
  .alert {
    border-left-color: var(--bad);
    background: color-mix(in srgb, var(--bad) 8%, var(--panel));
  }
  tk-first-hint {
    grid-column: 1 / -1;
  }
  .desk {
    flex: 1;
    display: grid;
    grid-template-columns: minmax(0, 1fr) 23rem;
    grid-template-rows: minmax(0, 1fr);
    gap: 14px;
    min-height: 0;
  }
  .desk:has(> tk-first-hint:not([hidden])) {
    grid-template-rows: auto minmax(0, 1fr);
  }
  tk-week {
    min-height: 0;
  }
  aside {
    display: flex;
    flex-direction: column;
    gap: 12px;
    min-height: 0;
  }
  .panels {
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
    border-bottom: 1px solid var(--edge);
  }
  .panels button {
    flex: 1 1 auto;
    gap: 4px;
    padding: 0 6px;
    border: none;
    border-radius: 0;
    background: none;
    font-size: 0.9rem;
    white-space: nowrap;
  }
  .panels button[aria-selected="true"] {
    font-weight: 650;
    box-shadow: inset 0 -3px 0 var(--accent);
  }
  .panels b {
    padding: 0 0.45em;
    border-radius: 1em;
    background: var(--warn);
    color: var(--on-accent);
    font-size: 0.75rem;
    line-height: 1.5;
  }
  .panel {
    flex: 1;
    display: grid;
    gap: 16px;
    align-content: start;
    min-height: 0;
    overflow: auto;
    padding: 2px 4px 8px;
  }
  .none {
    display: grid;
    gap: 16px;
    justify-items: center;
    max-width: 40rem;
    margin: 4vh auto;
  }
  .empty {
    padding: 40px 20px;
    text-align: center;
    color: var(--text-soft);
    border: 1px dashed var(--text-soft);
    border-radius: var(--radius);
  }
  .ghost {
    position: fixed;
    z-index: 50;
    max-width: 16rem;
    padding: 6px 12px;
    border: 2px solid var(--text-soft);
    border-radius: 8px;
    background: var(--panel);
    font-weight: 650;
    pointer-events: none;
    transform: translate(-30%, 12px);
    box-shadow: 0 6px 24px rgb(0 0 0 / 25%);
  }
  .ghost.free {
    border-color: #1c7244;
  }
  .ghost.blocked {
    border-color: #b3261e;
  }
  @media (max-width: 1000px) {
    .tools {
      flex-wrap: wrap;
    }
    tk-who {
      flex: 0 1 auto;
    }
    tk-desk-tools {
      flex: 1 0 100%;
    }
    .desk,
    .desk:has(> tk-first-hint:not([hidden])) {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: auto;
    }
    /* The week is what one comes for. */
    tk-week {
      order: -1;
    }
    tk-week {
      height: max(26rem, 62vh);
    }
    .panel {
      overflow: visible;
    }
    tk-chosen {
      position: fixed;
      z-index: 30;
      left: 12px;
      right: 12px;
      bottom: 12px;
      max-height: 45vh;
      overflow: auto;
      box-shadow: 0 6px 30px rgb(0 0 0 / 30%);
    }
    /* What the card lies over can be scrolled out from under it. */
    .panel:has(tk-chosen) {
      padding-bottom: 48vh;
    }
    .carrying tk-chosen {
      display: none;
    }
  }
`;
