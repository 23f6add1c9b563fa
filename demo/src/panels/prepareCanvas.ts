/** A cleared canvas with its size on the page, and access to the page's colours. */
export interface PreparedCanvas {
  context: CanvasRenderingContext2D
  /** CSS pixels. */
  width: number
  height: number
  /** The value of a colour of the style sheet, such as `--proven`, in light or dark. */
  colour: (name: string) => string
}

/** Makes a canvas ready to draw on in CSS pixels. Undefined while it has no size. */
export function prepareCanvas(canvas: HTMLCanvasElement): PreparedCanvas | undefined {
  const context = canvas.getContext('2d')
  const { clientWidth: width, clientHeight: height } = canvas
  if (context === null || width === 0 || height === 0) return undefined
  const scale = globalThis.devicePixelRatio
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  context.setTransform(scale, 0, 0, scale, 0, 0)
  const style = getComputedStyle(canvas)
  return { context, width, height, colour: (name) => style.getPropertyValue(name).trim() }
}
