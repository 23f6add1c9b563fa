import 'fake-indexeddb/auto'
import { get, set } from 'idb-keyval'
import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'

function deleted(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.addEventListener('success', () => resolve('deleted'))
    request.addEventListener('blocked', () => resolve('blocked'))
    request.addEventListener('error', () => reject(request.error))
  })
}

test('written values can be read by another connection', async () => {
  await set('a', 1, openDatabase('one', 'values'))
  expect(await get('a', openDatabase('one', 'values'))).toBe(1)
})

test('a deletion of the database is not blocked, and the next use opens it again', async () => {
  const store = openDatabase('two', 'values')
  await set('a', 1, store)
  expect(await deleted('two')).toBe('deleted')
  expect(await get('a', store)).toBeUndefined()
  await set('a', 2, store)
  expect(await get('a', store)).toBe(2)
})

test('an error of the work does not count as a closed connection', async () => {
  const store = openDatabase('three', 'values')
  let runs = 0
  const work = (): never => {
    runs += 1
    throw new DOMException('of the work', 'InvalidStateError')
  }
  await expect(store('readonly', work)).rejects.toThrow('of the work')
  expect(runs).toBe(1)
})
