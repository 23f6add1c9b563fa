/** What one source says; of several, the first that says something about an entry is believed. */
export interface ConfigLayer {
  /** As errors and explanations call it: `the local file, environment production`. */
  readonly name: string
  readonly value: unknown
}
