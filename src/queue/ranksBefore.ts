/** What decides who of one key is next. */
export interface Rank {
  /** -10 to 10. */
  readonly priority: number
  /** In the order of arrival. */
  readonly arrival: number
}

/** Whether `a` is served before `b`: by priority, then first come, first served. */
export function ranksBefore(a: Rank, b: Rank): boolean {
  return a.priority === b.priority ? a.arrival < b.arrival : a.priority > b.priority
}
