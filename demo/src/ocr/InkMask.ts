/** One byte a pixel, row by row: 1 where somebody wrote, 0 where the paper shows. */
export interface InkMask {
  data: Uint8Array
  width: number
  height: number
}
