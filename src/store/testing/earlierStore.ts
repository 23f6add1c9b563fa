import { promisifyRequest } from 'idb-keyval'

const text = 'Bytes that an earlier release has kept.'
const size = text.length
const url = 'https://hub.example/m/resolve/main/a.bin'
const base = 'https://hub.example/m/resolve'
const commit = 'c0'.repeat(20)
const [whole, begun] = [`xet:${'a1'.repeat(32)}`, `xet:${'b2'.repeat(32)}`]
const refusal = { status: 404, statusText: 'Not Found', headers: [], body: new Uint8Array([1]) }
/** The journal of a run of one chunk at the start of the file, and of a drop after its end. */
const journal =
  '77000000d76260bc0101030000000000000000000000abababababababababababababababababababababababababababababababab' +
  '01000000010000000464617461000000000000000000000000000000000000000000804340aa13f72fff685d616bff555af052fac2b4e6a2' +
  '3119368856a7ea255a81c115e42700000011000000d635e3440200000000008043400000000000001440'

const file = {
  size,
  driver: 'sync',
  generation: 1,
  journal: { generation: 1, count: 1 },
  createdAt: 1,
  lastUsed: 1,
  pinned: false,
  held: size,
  parts: [{ name: 'data', offset: 0, at: 0, length: size }],
}

interface EarlierStore {
  /** Content of both files; the partial one has ten more bytes. */
  readonly text: string
  readonly url: string
  readonly base: string
  readonly commit: string
  /** Content ids. */
  readonly whole: string
  readonly begun: string
  /** Catalog entries, by key. */
  readonly entries: Readonly<Record<string, unknown>>
  /** @param version of the catalog's database: the store itself asks for none */
  write(root: string, version?: number): Promise<void>
}

/** The data of release 0.1.0, written literally, without the store's code. */
export const earlierStore: EarlierStore = {
  text,
  url,
  base,
  commit,
  whole,
  begun,
  entries: {
    [`file:${whole}`]: {
      ...file,
      content: whole,
      name: 'whole.11111111-1111-4111-8111-111111111111',
      state: 'complete',
      proof: 'xet',
    },
    [`file:${begun}`]: {
      ...file,
      content: begun,
      size: size + 10,
      name: 'begun.22222222-2222-4222-8222-222222222222',
      state: 'partial',
    },
    [`url:${url}`]: {
      url,
      info: { url, size, content: whole, commit, fetchedAt: 1 },
      checkedAt: 1,
      grants: ['public'],
    },
    [`missing:public ${url}.json`]: { url: `${url}.json`, grant: 'public', refusal, checkedAt: 1 },
    [`branch:public ${base}/main`]: {
      base: `${base}/main`,
      grant: 'public',
      commits: [commit],
      checkedAt: 1,
    },
    [`view:page ${base}/main`]: { client: 'page', base: `${base}/main`, commit, takenAt: 1 },
    'session:/app/': ['public'],
  },

  async write(root, version) {
    const folder = await (
      await navigator.storage.getDirectory()
    ).getDirectoryHandle(root, { create: true })
    for (const key of [`file:${whole}`, `file:${begun}`] as const) {
      const { name } = earlierStore.entries[key] as { name: string }
      const place = await folder.getDirectoryHandle(name, { create: true })
      await fill(place, 'data', new TextEncoder().encode(text))
      const bytes = journal.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []
      await fill(place, '1.0.journal', Uint8Array.from(bytes))
    }
    const opening = indexedDB.open(`${root}-catalog`, version)
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('catalog'))
    const database = await promisifyRequest(opening)
    const transaction = database.transaction('catalog', 'readwrite')
    for (const [key, entry] of Object.entries(earlierStore.entries))
      transaction.objectStore('catalog').put(entry, key)
    await promisifyRequest(transaction)
    database.close()
  },
}

async function fill(
  folder: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const stream = await (await folder.getFileHandle(name, { create: true })).createWritable()
  await stream.write(bytes)
  await stream.close()
}
