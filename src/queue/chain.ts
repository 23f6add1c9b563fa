/**
 * A line that is left from any place in constant time. Maps and Sets in insertion order are no substitute: engines
 * keep the holes of deleted entries until the next rehash, and finding the first one walks over them.
 */
export class Chain<T extends Linked<T>> {
  head: T | null = null
  tail: T | null = null
  size = 0

  /** Puts an item, which stands in no chain, in front of another; null: at the end. */
  insert(item: T, next: T | null): void {
    const previous = next ? next.before : this.tail
    item.before = previous
    item.after = next
    if (previous) previous.after = item
    else this.head = item
    if (next) next.before = item
    else this.tail = item
    this.size++
  }

  /** Takes out an item that stands in this chain. */
  remove(item: T): void {
    if (item.before) item.before.after = item.after
    else this.head = item.after
    if (item.after) item.after.before = item.before
    else this.tail = item.before
    item.before = null
    item.after = null
    this.size--
  }

  moveToEnd(item: T): void {
    if (this.tail === item) return
    this.remove(item)
    this.insert(item, null)
  }
}

/** Can stand in one {@link Chain} at a time. */
export interface Linked<T> {
  before: T | null
  after: T | null
}
