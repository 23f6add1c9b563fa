/**
 * A doubly linked list: an item is inserted before any other and removed from any place in constant time. The key
 * queues and the round robin use it. A `Map` or `Set` in insertion order is slower: engines keep the holes of deleted
 * entries until the next rehash, and finding the first entry walks over them.
 */
export class LinkedList<T extends Linked<T>> {
  head: T | null = null
  tail: T | null = null
  size = 0

  /**
   * @param item in no list
   * @param next the item it is inserted before; null: at the end
   */
  insert(item: T, next: T | null): void {
    const previous = next ? next.previous : this.tail
    item.previous = previous
    item.next = next
    if (previous) previous.next = item
    else this.head = item
    if (next) next.previous = item
    else this.tail = item
    this.size++
  }

  /** @param item in this list */
  remove(item: T): void {
    if (item.previous) item.previous.next = item.next
    else this.head = item.next
    if (item.next) item.next.previous = item.previous
    else this.tail = item.previous
    item.previous = null
    item.next = null
    this.size--
  }

  moveToEnd(item: T): void {
    if (this.tail === item) return
    this.remove(item)
    this.insert(item, null)
  }
}

/** An item of a {@link LinkedList}; it can be in one list at a time. */
export interface Linked<T> {
  previous: T | null
  next: T | null
}
