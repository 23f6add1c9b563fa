import { expect, test } from 'vitest'
import { FerryError } from './errors.ts'

test('knows its own and those of another copy of the class, and nothing else', () => {
  const foreign = Object.assign(new Error('lost'), { name: 'FerryError', code: 'network' })
  for (const error of [new FerryError('network', 'lost'), foreign])
    expect(error instanceof FerryError).toBe(true)
  const others = [undefined, 'FerryError', { name: 'FerryError', code: 'network' }, new Error('x')]
  for (const other of [...others, new TypeError('lost')])
    expect(other instanceof FerryError).toBe(false)
})
