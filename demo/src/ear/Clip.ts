/** Sound to listen to. */
export interface Clip {
  /** Title for display. */
  title: string
  /** One channel at `sampleRate`, between -1 and 1. */
  samples: Float32Array<ArrayBuffer>
}
