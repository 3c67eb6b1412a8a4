// Tables on the desk pages; where there is little room each row of a wide one becomes
// a card. The component around it is a container (`container-type: inline-size`).

import { css } from "lit";

export const tableStyle = css`
  table {
    width: 100%;
    border-collapse: collapse;
    background: var(--panel);
    font-size: 0.92rem;
  }
  th,
  td {
    padding: 8px 10px;
    border: 1px solid var(--edge);
    text-align: left;
    vertical-align: top;
    overflow-wrap: anywhere;
  }
  th {
    white-space: nowrap;
  }
  .figures td + td {
    font-variant-numeric: tabular-nums;
  }
  @container (max-width: 640px) {
    .figures th {
      white-space: normal;
      overflow-wrap: normal;
    }
    .figures th,
    .figures td {
      padding: 8px 6px;
    }
    table:not(.figures),
    table:not(.figures) tbody,
    table:not(.figures) tr {
      display: grid;
    }
    table:not(.figures) thead {
      display: none;
    }
    table:not(.figures) tbody {
      gap: 8px;
      background: var(--ground);
    }
    table:not(.figures) tr {
      gap: 4px;
      padding: 10px 12px;
      border: 1px solid var(--edge);
      background: var(--panel);
    }
    table:not(.figures) td {
      padding: 0;
      border: none;
    }
    table:not(.figures) td:empty {
      display: none;
    }
    table:not(.figures) td::before {
      content: attr(data-label) " ";
      color: var(--text-soft);
    }
  }
`;
