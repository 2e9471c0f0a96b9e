/**
 * What of the page is hard to read.
 *
 * @module
 */

/** Texts whose contrast with what they stand on is below 4.5 to 1 (3 to 1 where they are large), as WCAG AA has it. */
export const poorContrast: string = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    const isOff = element.matches(":disabled, [aria-disabled=true], :disabled *");
    if (text === "" || isOff || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const grounds = [];
    for (let at = element; at !== null; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const ground = light(over(grounds));
    const ink = light(over([...grounds, style.color]));
    const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(text.slice(0, 30) + ": " + ratio.toFixed(2));
  }
  return found;
})()`;
