// A button that asks for files. The browser's own field speaks the browser's language
// and says that no file is chosen once its file has been taken.

import { css, html, type TemplateResult } from "lit";
import { icon } from "./icons";

export const fileStyle = css`
  label.file {
    justify-self: start;
    cursor: pointer;
  }
  label.file:focus-within {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  label.file input {
    min-height: 0;
    padding: 0;
    border: 0;
  }
  label.file[aria-disabled="true"] {
    opacity: 0.55;
    cursor: default;
  }
`;

export interface Asked {
  id: string;
  says: string;
  accept: string;
  multiple?: boolean;
  busy: boolean;
}

export function fileButton(asked: Asked, chosen: (files: File[]) => void): TemplateResult {
  const change = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same file, corrected meanwhile, can be chosen again.
    input.value = "";
    if (files.length > 0) chosen(files);
  };
  return html`<label class="button file" aria-disabled=${asked.busy}
    >${icon("upload")}${asked.says}
    <input
      class="sr"
      type="file"
      id=${asked.id}
      accept=${asked.accept}
      ?multiple=${asked.multiple ?? false}
      ?disabled=${asked.busy}
      @change=${change}
    />
  </label>`;
}
