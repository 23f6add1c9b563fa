import { expect, test } from 'vitest'
import { LinkedList, type Linked } from './linked-list.ts'

test('items are inserted anywhere and removed from any place', () => {
  interface Link extends Linked<Link> {
    readonly name: string
  }
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name): Link => ({
    name,
    previous: null,
    next: null,
  })) as [Link, Link, Link, Link]
  const list = new LinkedList<Link>()
  const names = (): string => {
    let text = ''
    for (let each = list.head; each; each = each.next) text += each.name
    let back = ''
    for (let each = list.tail; each; each = each.previous) back = each.name + back
    expect([back, text.length]).toEqual([text, list.size])
    return text
  }
  for (const link of [a, c, d]) list.insert(link, null)
  list.insert(b, c)
  expect(names()).toBe('abcd')
  list.moveToEnd(a)
  list.moveToEnd(a)
  expect(names()).toBe('bcda')
  list.remove(c)
  list.remove(b)
  list.remove(a)
  expect(names()).toBe('d')
  list.insert(c, d)
  list.remove(d)
  list.remove(c)
  expect(names()).toBe('')
})
