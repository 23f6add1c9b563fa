/** Calls back when a canvas changes its size or the page changes between light and dark. */
export function onRedraw(canvas: HTMLCanvasElement, draw: () => void): void {
  new ResizeObserver(draw).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
}
