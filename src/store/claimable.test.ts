import { expect, test } from 'vitest'
import { claimable } from './quota.ts'

const MIB = 2 ** 20

interface Device {
  readonly root: FileSystemDirectoryHandle
  /** Files that are there. */
  readonly names: Set<string>
  /** What became of each claim. */
  readonly ends: string[]
}

/** A folder on a device with so much room; a file can be as long as that. */
function device(room: number, failure = new DOMException('full', 'QuotaExceededError')): Device {
  const names = new Set<string>()
  const ends: string[] = []
  const createWritable = async (): Promise<unknown> => ({
    truncate: async (bytes: number) => {
      if (bytes > room) throw failure
    },
    abort: async () => void ends.push('abort'),
    close: async () => void ends.push('close'),
  })
  const root = {
    getFileHandle: async (name: string) => {
      names.add(name)
      return room === Infinity ? {} : { createWritable }
    },
    removeEntry: async (name: string) => void names.delete(name),
  } as unknown as FileSystemDirectoryHandle
  return { root, names, ends }
}

test.each([
  ['plenty', 100 * MIB, 50 * MIB],
  ['exactly enough', 50 * MIB, 50 * MIB],
  ['a little too little', 49 * MIB, 50 * MIB],
  ['hardly any', 3 * MIB, 5000 * MIB],
  ['none', 0, 50 * MIB],
  ['unknown, without streams', Infinity, 50 * MIB],
])('%s', async (_, room, wanted) => {
  const { root, names, ends } = device(room)
  const found = await claimable(root, wanted)
  expect(found).toBeLessThanOrEqual(Math.min(room, wanted))
  expect(found).toBeGreaterThanOrEqual(Math.min(room, wanted) - (room >= wanted ? 0 : MIB))
  expect([...names]).toEqual([])
  expect(ends).not.toContain('close')
})

test('another failure is none of room, and leaves nothing behind', async () => {
  const { root, names, ends } = device(0, new DOMException('busy', 'InvalidStateError'))
  await expect(claimable(root, MIB)).rejects.toThrow('busy')
  expect([...names]).toEqual([])
  expect(ends).toEqual(['abort'])
})
