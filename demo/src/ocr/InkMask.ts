/** One byte per pixel, row by row: 1 for ink, 0 for paper. */
export interface InkMask {
  data: Uint8Array
  width: number
  height: number
}
