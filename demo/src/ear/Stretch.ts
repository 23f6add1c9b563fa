/** From `start` to `end`, in seconds since the beginning of a clip. */
export interface Stretch {
  start: number
  end: number
}
