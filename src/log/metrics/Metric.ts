/** One metric, as it is written. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One line that says what is counted. */
  readonly help: string
  readonly samples: readonly {
    /** Appended to the name: `_bucket`, `_sum`, `_count`. */
    readonly suffix?: string
    readonly label?: readonly [name: string, value: string]
    readonly value: number
  }[]
}
