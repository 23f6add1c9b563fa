import { expect, test, describe } from 'vitest'
import { claimable, evict } from './quota.ts'
import type { CatalogFile } from './store.ts'

describe('claimable', () => {
  const MIB = 2 ** 20

  interface Device {
    readonly root: FileSystemDirectoryHandle
    /** Existing files. */
    readonly names: Set<string>
    /** Result of each claim. */
    readonly ends: string[]
  }

  /** A folder on a device with this much space. */
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
    ['slightly too little', 49 * MIB, 50 * MIB],
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

  test('another error is thrown, and leaves no file', async () => {
    const { root, names, ends } = device(0, new DOMException('busy', 'InvalidStateError'))
    await expect(claimable(root, MIB)).rejects.toThrow('busy')
    expect([...names]).toEqual([])
    expect(ends).toEqual(['abort'])
  })
})

describe('evict', () => {
  const now = 1_000_000_000
  const minute = 60_000

  function file(
    content: string,
    size: number,
    minutesAgo: number,
    more: Partial<CatalogFile> = {},
  ): CatalogFile {
    return {
      content,
      size,
      name: content,
      state: 'complete',
      driver: 'sync',
      generation: 1,
      journal: { generation: 1, count: 1 },
      createdAt: 0,
      lastUsed: now - minutesAgo * minute,
      pinned: false,
      held: size,
      parts: [],
      ...more,
    }
  }

  const old = file('old', 100, 300)
  const older = file('older', 100, 400)
  const small = file('small', 10, 500)

  test.for<[string, CatalogFile[], number, string[] | undefined]>([
    ['nothing is needed', [old], 0, []],
    ['the least recently used is evicted first', [old, older], 50, ['older']],
    ['as many are evicted as needed', [old, older], 150, ['older', 'old']],
    ['none is evicted without need', [old, small], 50, ['old']],
    ['none is evicted when all would not be enough', [old, older], 250, undefined],
    ['pinned files stay', [file('pinned', 100, 300, { pinned: true })], 50, undefined],
    ['partial files stay', [file('partial', 100, 300, { state: 'partial' })], 50, undefined],
    ['files that are being written stay', [file('busy', 100, 300)], 50, undefined],
    ['a recently used file stays', [file('fresh', 100, 11)], 50, undefined],
    [
      'a file that was used eleven minutes ago may be evicted',
      [file('cool', 100, 12)],
      50,
      ['cool'],
    ],
  ])('%s', ([, files, need, wanted]) => {
    const chosen = evict({ files, need, now, busy: new Set(['busy']) })
    expect(chosen?.map(({ content }) => content).toSorted()).toEqual(wanted?.toSorted())
  })
})
