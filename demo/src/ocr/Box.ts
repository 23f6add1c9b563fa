/** A rectangle in the pixels of a drawing. */
export interface Box {
  left: number
  top: number
  width: number
  height: number
}
