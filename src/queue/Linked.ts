/** Can stand in one {@link Chain} at a time. */
export interface Linked<T> {
  before: T | null
  after: T | null
}
