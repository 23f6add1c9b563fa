/** Calls back when a canvas changes its size or the page goes from light to dark. */
export function onRedraw(canvas: HTMLCanvasElement, draw: () => void): void {
  new ResizeObserver(draw).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
}
