import { expect, test } from 'vitest'
import { claimable } from './claimable.ts'

/** A folder on a device with so much room, and the names that were ever in it. */
function device(room: number, failure: Error = full()) {
  const names = new Set<string>()
  const made: string[] = []
  const tryTo = (bytes: number): void => {
    if (bytes > room) throw failure
  }
  const file = {
    createSyncAccessHandle: async () => ({ truncate: tryTo, close: () => undefined }),
    createWritable: async () => ({
      truncate: async (bytes: number) => tryTo(bytes),
      abort: async () => undefined,
    }),
  }
  const root = {
    getFileHandle: async (name: string) => {
      names.add(name)
      made.push(name)
      return file
    },
    removeEntry: async (name: string) => void names.delete(name),
  } as unknown as FileSystemDirectoryHandle
  return { root, names, made }
}

function full(): Error {
  return new DOMException('full', 'QuotaExceededError')
}

const MIB = 2 ** 20

for (const driver of ['sync', 'pieces'] as const) {
  test.each([
    ['plenty', 100 * MIB, 50 * MIB],
    ['exactly enough', 50 * MIB, 50 * MIB],
    ['a little too little', 49 * MIB, 50 * MIB],
    ['hardly any', 3 * MIB, 5000 * MIB],
    ['none', 0, 50 * MIB],
  ])(`${driver}: %s`, async (_, room, wanted) => {
    const { root, names, made } = device(room)
    const found = await claimable({ root, driver }, wanted)
    expect(found).toBeLessThanOrEqual(Math.min(room, wanted))
    expect(found).toBeGreaterThanOrEqual(Math.min(room, wanted) - (room >= wanted ? 0 : MIB))
    expect(made).toHaveLength(1)
    expect([...names]).toEqual([])
  })

  test(`${driver}: another failure is none of room, and leaves nothing behind`, async () => {
    const { root, names } = device(0, new DOMException('busy', 'InvalidStateError'))
    await expect(claimable({ root, driver }, MIB)).rejects.toThrow('busy')
    expect([...names]).toEqual([])
  })
}
