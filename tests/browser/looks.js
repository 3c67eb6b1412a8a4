// What a person would stumble over on a page. An expression, evaluated in the page.
(() => {
  // Walks into shadow roots: a page is a tree of them.
  const everything = () => {
    const all = [];
    const walk = (root) => {
      for (const each of root.querySelectorAll("*")) {
        all.push(each);
        if (each.shadowRoot) walk(each.shadowRoot);
      }
    };
    walk(document);
    return all;
  };

  const shown = (each) => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && getComputedStyle(each).visibility !== "hidden";
  };

  const texts = () =>
    everything().filter(
      (each) =>
        !each.matches("script, style, noscript, option") &&
        shown(each) &&
        [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
    );

  const brief = (each) => each.textContent.trim().slice(0, 40);

  /** What a finger may hit: of a small mark its whole label. */
  const target = (each) =>
    each.matches("[type=radio], [type=checkbox], [type=range]")
      ? (each.closest("label") ?? each)
      : each;

  /** Things to press that are smaller than 48 px either way. */
  const smallTargets = () =>
    everything()
      .filter((each) => each.matches("button, a[href], input, select") && shown(each))
      .map((each) => ({ each, box: target(each).getBoundingClientRect() }))
      .filter(({ box }) => box.width < 48 || box.height < 47.5)
      .map(({ each, box }) => `${brief(each)} ${each.className} ${box.width}x${box.height}`);

  // Relative luminance and contrast ratio as WCAG 2.2 defines them.
  const canvas = document.createElement("canvas").getContext("2d");
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([red, green, blue]) => {
    const part = (value) => {
      const v = value / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  };
  const above = (each) =>
    each.assignedSlot ?? each.parentElement ?? each.getRootNode().host;
  /** null where it is half transparent: over a picture there is no one colour. */
  const ground = (each) => {
    for (let at = each; at; at = above(at)) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
      if (colour[3] > 0) return null;
    }
    return [255, 255, 255, 255];
  };

  /** Text with less contrast than 4.5 : 1. */
  const faintText = () =>
    texts()
      .filter((each) => !each.closest("[disabled]"))
      .map((each) => ({ each, under: ground(each) }))
      .filter(({ under }) => under !== null)
      .map(({ each, under }) => {
        const pair = [luminance(rgba(getComputedStyle(each).color)), luminance(under)];
        return { each, ratio: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) };
      })
      .filter(({ ratio }) => ratio < 4.5)
      .map(({ each, ratio }) => `${brief(each)} ${ratio.toFixed(2)}`);

  /** Text smaller than this share of the screen's height. */
  const smallText = (share) =>
    texts()
      .filter((each) => parseFloat(getComputedStyle(each).fontSize) < innerHeight * share)
      .map(brief);

  /** Pixels that the page is wider than its window. */
  const sideways = () => document.documentElement.scrollWidth - innerWidth;

  /** Text that reaches over the edge of the window. */
  const clipped = () =>
    texts()
      .filter((each) => {
        const box = each.getBoundingClientRect();
        return box.left < -1 || box.right > innerWidth + 1;
      })
      .map(brief);

  /** Fields that show a day or an hour in the order of the browser's language. */
  const foreignDates = () =>
    everything()
      .filter((each) => each.matches("[type=date], [type=time], [type=datetime-local]"))
      .filter((each) => shown(each) && getComputedStyle(each).opacity !== "0")
      .map((each) => each.name || each.id);

  /** Things to press or fill in of which a screen reader would say nothing. */
  const unnamed = () =>
    everything()
      .filter((each) => each.matches("button, a[href], input, select, textarea"))
      .filter((each) => shown(each) && !each.matches("[aria-hidden=true]"))
      .filter((each) => {
        const words = [each.getAttribute("aria-label"), each.textContent];
        words.push(...[...(each.labels ?? [])].map((label) => label.textContent));
        return !words.some((word) => word?.trim());
      })
      .map((each) => each.outerHTML.slice(0, 80));

  /** Where the keyboard is, and whether one sees it. */
  const focus = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    return { what: at.outerHTML.slice(0, 80), outlineStyle, outlineWidth };
  };

  /** Does any sound come out of the page's loudspeaker within ten seconds? */
  const hears = async () => {
    const context = new AudioContext();
    const meters = everything()
      .filter((each) => each.matches("audio"))
      .map((audio) => {
        const meter = context.createAnalyser();
        context.createMediaStreamSource(audio.srcObject).connect(meter);
        return { audio, meter };
      });
    const samples = new Float32Array(2048);
    const loud = ({ audio, meter }) => {
      meter.getFloatTimeDomainData(samples);
      return !audio.paused && !audio.muted && samples.some((x) => Math.abs(x) > 0.01);
    };
    const end = performance.now() + 100_000;
    while (performance.now() < end) {
      if (meters.some(loud)) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  };

  return {
    hears,
    smallTargets,
    faintText,
    smallText,
    sideways,
    clipped,
    foreignDates,
    unnamed,
    focus,
  };
})()
