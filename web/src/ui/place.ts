// Puts an element where numbers say. Through the style object: the pages allow no
// style attributes (CSP).

import { noChange } from "lit";
import { Directive, directive, type ElementPart, PartType, type PartInfo } from "lit/directive.js";

type Lengths = Partial<Record<"top" | "height" | "left" | "width" | "right" | "--days", string>>;

class Place extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("place() stands in a tag");
  }

  override render(_lengths: Lengths): unknown {
    return noChange;
  }

  override update(part: ElementPart, [lengths]: [Lengths]): unknown {
    const { style } = part.element as HTMLElement;
    for (const [name, length] of Object.entries(lengths)) style.setProperty(name, length);
    return noChange;
  }
}

/** `<div ${place({ top: "10px" })}>` */
export const place = directive(Place);

export const px = (pixels: number): string => `${pixels.toFixed(1)}px`;
