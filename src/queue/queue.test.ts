import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { QueueRefusal } from './queue.ts'

test('other errors of the package are not instances of QueueRefusal', () => {
  const state = { running: 1, waiting: 1 } as unknown as QueueRefusal['state']
  const refusal = new QueueRefusal('total', 1000, state)
  for (const kind of [QueueRefusal, FerryError]) expect(refusal instanceof kind).toBe(true)
  expect(new FerryError('timeout', 'Too late.') instanceof QueueRefusal).toBe(false)
})
