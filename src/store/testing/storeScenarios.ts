import type { Hasher } from '../../codec/Hasher.ts'
import { systemClock } from '../../core/systemClock.ts'
import type { FileInfo } from '../../protocol/FileInfo.ts'
import type { CatalogMissing } from '../CatalogMissing.ts'
import { Folder } from '../Folder.ts'
import { openStore } from '../openStore.ts'
import type { JournalRun } from '../JournalRun.ts'
import { runLength } from '../runLength.ts'
import type { Store } from '../Store.ts'
import { check } from './check.ts'
import { makeModel } from './makeModel.ts'
import type { Model } from './makeModel.ts'
import { writeRun } from './writeRun.ts'

/** What a scenario works with. */
export interface ScenarioPlace {
  readonly hasher: Hasher
  readonly driver: 'sync' | 'pieces'
  /** A root of its own. */
  readonly root: string
}

type Scenario = (place: ScenarioPlace, store: Store) => Promise<void>

const minute = 60_000

/** What every store has to do, whichever way it writes. */
export const storeScenarios: Readonly<Record<string, Scenario>> = {
  'a file is written in any order, finished and read': async ({ hasher }, store) => {
    const model = makeModel(hasher, 1, 3_000_000)
    const partial = await store.begin(model.content, model.bytes.length)
    await Promise.all(model.runs.toReversed().map((run) => writeRun(partial, model, run)))
    check.equal(partial.committed.length, model.runs.length, 'committed runs')
    check.bytes(
      await partial.read({ start: 70_000, end: 700_001 }),
      model.bytes.subarray(70_000, 700_001),
      'read',
    )
    check.equal(await store.file(model.content), undefined, 'file before finish')
    await partial.finish('xet')
    await holdsAll(store, model)
    const entry = await store.entry(model.content)
    check.equal(entry?.state, 'complete', 'state')
    check.equal(entry?.proof, 'xet', 'proof')
    check.equal(entry?.held, model.bytes.length, 'held')
    await check.code(partialWrite(partial), 'closed', 'write after finish')
    await check.code(store.begin(model.content, model.bytes.length), 'storage', 'begin again')
  },

  'runs longer than what is kept in memory get files of their own': async ({ hasher }, store) => {
    const model = makeModel(hasher, 2, 14_000_000, 131_072, 60)
    const partial = await store.begin(model.content, model.bytes.length)
    await Promise.all(model.runs.map((run) => writeRun(partial, model, run, 1_000_000)))
    await partial.finish('xet')
    await holdsAll(store, model)
  },

  'an empty file is a file': async (_, store) => {
    const partial = await store.begin('etag:empty', 0)
    await partial.finish('length')
    check.equal((await store.file('etag:empty'))?.size, 0, 'size')
  },

  'what was committed is there for the next session': async ({ hasher, ...place }, store) => {
    const model = makeModel(hasher, 3, 2_000_000)
    const [first, second, third] = model.runs as [JournalRun, JournalRun, JournalRun]
    const partial = await store.begin(model.content, model.bytes.length)
    await writeRun(partial, model, second)
    await writeRun(partial, model, first)
    await partial.write(third.offset, model.bytes.subarray(third.offset, third.offset + 1000))
    await partial.close()
    const later = await openStore({ ...place, hasher })
    await sees(later, model, first)
    check.equal(await later.peek(model.content, stretch(third)), undefined, 'uncommitted bytes')
    const again = await later.begin(model.content, model.bytes.length)
    check.equal(again.committed.length, 2, 'committed before')
    for (const run of model.runs.slice(2)) await writeRun(again, model, run)
    await again.finish('xet')
    await holdsAll(later, model)
  },

  'committed bytes that rot are dropped, and fetched again': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 4, 2_000_000)
    const partial = await store.begin(model.content, model.bytes.length)
    for (const run of model.runs.slice(0, 3)) await writeRun(partial, model, run)
    await partial.close()
    await rot(store, root, model, 10)
    check.equal(await store.peek(model.content, { start: 0, end: 100 }), undefined, 'rotten peek')
    const again = await store.begin(model.content, model.bytes.length)
    check.equal(again.committed.length, 2, 'runs that are left')
    check.equal(again.committed[0]?.offset, model.runs[1]?.offset, 'first run that is left')
    await again.close()
  },

  'a run that turned out wrong is dropped for good': async ({ hasher, ...place }, store) => {
    const model = makeModel(hasher, 5, 1_500_000)
    const run = model.runs[1] as JournalRun
    const partial = await store.begin(model.content, model.bytes.length)
    for (const each of model.runs) await writeRun(partial, model, each)
    await partial.drop(run)
    await check.code(partial.finish('xet'), 'storage', 'finish with a hole')
    check.equal(await store.peek(model.content, stretch(run)), undefined, 'dropped bytes')
    await partial.close()
    const again = await (
      await openStore({ ...place, hasher })
    ).begin(model.content, model.bytes.length)
    check.equal(again.committed.length, model.runs.length - 1, 'committed after the drop')
    await writeRun(again, model, run)
    await again.finish('xet')
    await holdsAll(store, model)
  },

  'an attempt that broke off is written again from its start': async ({ hasher }, store) => {
    const model = makeModel(hasher, 6, 800_000)
    const [run] = model.runs as [JournalRun]
    const partial = await store.begin(model.content, model.bytes.length)
    await partial.write(run.offset, new Uint8Array(50_000).fill(7))
    for (const each of model.runs) await writeRun(partial, model, each)
    await partial.finish('xet')
    await holdsAll(store, model)
  },

  'whoever began later writes, the earlier one fails': async ({ hasher }, store) => {
    const model = makeModel(hasher, 7, 1_500_000)
    const [first, second, third] = model.runs as [JournalRun, JournalRun, JournalRun]
    const early = await store.begin(model.content, model.bytes.length)
    await writeRun(early, model, first)
    await early.flush()
    await early.write(
      second.offset,
      model.bytes.subarray(second.offset, second.offset + runLength(second)),
    )
    const late = await store.begin(model.content, model.bytes.length)
    check.equal(late.committed.length, 1, 'what the earlier one left')
    await check.code(
      early.commit(second).then(() => early.flush()),
      'superseded',
      'commit of the earlier one',
    )
    await check.code(early.finish('xet'), 'superseded', 'finish of the earlier one')
    await early.close().catch(() => undefined)
    for (const run of [second, third, ...model.runs.slice(3)]) await writeRun(late, model, run)
    await late.finish('xet')
    await holdsAll(store, model)
  },

  'discard and remove leave nothing behind': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 8, 400_000)
    const partial = await store.begin(model.content, model.bytes.length)
    await writeRun(partial, model, model.runs[0] as JournalRun)
    await partial.discard()
    check.equal(await store.entry(model.content), undefined, 'entry after discard')
    check.equal((await folders(root)).length, 0, 'folders after discard')
    await complete(store, model)
    await store.saveUrl(info('https://hub.example/a', model), 'public')
    await store.remove(model.content)
    check.equal(await store.file(model.content), undefined, 'file after remove')
    check.equal(await store.url('https://hub.example/a'), undefined, 'URL after remove')
    await store.sweep()
    check.equal((await folders(root)).length, 1, 'folders that an answer may still read')
  },

  'removed bytes go after ten minutes, unknown ones at once': async (
    { hasher, root, driver },
    store,
  ) => {
    const model = makeModel(hasher, 9, 400_000)
    await complete(store, model)
    await (await rootOf(root)).getDirectoryHandle('nobodys', { create: true })
    await store.remove(model.content)
    await store.sweep()
    check.equal(
      (await folders(root)).join(),
      (await folders(root)).filter((name) => name !== 'nobodys').join(),
      'unknown folder',
    )
    const clock = { ...systemClock, now: () => Date.now() + 11 * minute }
    await (await openStore({ hasher, root, driver, clock })).sweep()
    check.equal((await folders(root)).length, 0, 'folders later')
  },

  'a file whose bytes are gone is forgotten': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 10, 400_000)
    await complete(store, model)
    const entry = await store.entry(model.content)
    const folder = await (await rootOf(root)).getDirectoryHandle(entry?.name ?? '')
    for (const { name } of entry?.parts ?? []) await folder.removeEntry(name)
    check.equal(await store.file(model.content), undefined, 'file')
    check.equal(await store.entry(model.content), undefined, 'entry')
  },

  'verify finds what is damaged, and heal keeps the rest': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 11, 2_500_000)
    await complete(store, model)
    check.equal((await store.verify(model.content))?.intact, true, 'intact before')
    const before = await store.entry(model.content)
    await rot(store, root, model, 1_000_000)
    const { intact, damaged = [], bytes } = (await store.verify(model.content)) ?? {}
    check.equal(intact, false, 'intact after')
    check.equal(bytes, model.bytes.length, 'bytes hashed')
    check.equal(damaged.length, 1, 'damaged stretches')
    check.equal(
      (damaged[0]?.start ?? 0) <= 1_000_000 && (damaged[0]?.end ?? 0) > 1_000_000,
      true,
      'place',
    )
    const partial = await store.begin(model.content, model.bytes.length, { heal: true })
    check.equal(partial.committed.length, model.runs.length - 1, 'runs kept')
    check.equal(await store.file(model.content), undefined, 'damaged file while it is healed')
    for (const run of model.runs) {
      if (!partial.committed.some(({ offset }) => offset === run.offset))
        await writeRun(partial, model, run)
    }
    await partial.finish('xet')
    await holdsAll(store, model)
    check.equal((await store.entry(model.content))?.name === before?.name, false, 'same folder')
    check.equal((await store.verify(model.content))?.intact, true, 'intact when healed')
  },

  'URLs, grants, pins and the list of files': async ({ hasher }, store) => {
    const model = makeModel(hasher, 12, 300_000)
    const other = makeModel(hasher, 13, 300_000)
    const url = 'https://hub.example/m/resolve/main/a.bin'
    await complete(store, model)
    await store.saveUrl(info(url, model), 'public')
    await store.saveUrl(info(url, model), 'alice')
    check.equal((await store.url(url))?.grants.join(), 'public,alice', 'grants')
    await store.dropUrl(url, 'bob')
    check.equal((await store.url(url))?.grants.join(), 'alice', 'grants after a refusal')
    await store.saveUrl(info(url, other), 'bob')
    check.equal((await store.url(url))?.grants.join(), 'bob', 'grants for other bytes')
    await store.dropUrl(url, 'bob')
    check.equal(await store.url(url), undefined, 'URL without grants')
    await store.saveUrl(info(url, model), 'alice')
    await store.pin(model.content, true)
    const [file, ...more] = await store.files()
    check.equal(more.length, 0, 'more files')
    check.equal(file?.pinned, true, 'pinned')
    check.equal(file?.urls[0]?.url, url, 'URL of the file')
    check.equal((await store.usage()).held, model.bytes.length, 'held')
    await store.clear()
    check.equal((await store.files()).length, 0, 'files after clear')
    check.equal(await store.url(url), undefined, 'URL after clear')
  },

  'sessions: who goes loses everything, and no other app does': async ({ hasher }, store) => {
    const model = makeModel(hasher, 15, 1000)
    const url = 'https://hub.example/m/resolve/main/private.bin'
    const both = `${url}2`
    const refusal = { status: 404, statusText: 'Not Found', headers: [], body: new Uint8Array() }
    const missing = `${url}.json`
    for (const grant of ['alice', 'bob']) {
      await store.saveUrl(info(both, model), grant)
      await store.saveMissing({ url: missing, grant, refusal, checkedAt: 1 })
    }
    await store.saveUrl(info(url, model), 'alice')
    check.equal((await store.session('/a/')).length, 0, 'session at first')
    await store.changeSession('/a/', () => ['alice'])
    await store.changeSession('/b/', () => ['bob'])
    check.equal((await store.session('/a/')).join(), 'alice', 'session')
    check.equal((await store.url(url))?.grants.join(), 'alice', 'grants of who came')
    await store.changeSession('/a/', (old) => [...old, 'carol'])
    check.equal((await store.session('/a/')).join(), 'alice,carol', 'session of two')
    await store.changeSession('/a/', () => ['carol'])
    check.equal(await store.url(url), undefined, 'URL of who went')
    check.equal((await store.url(both))?.grants.join(), 'bob', 'grants of the other app')
    check.equal(await store.missing(missing, 'alice'), undefined, 'missing for who went')
    check.equal((await store.missing(missing, 'bob'))?.checkedAt, 1, 'missing for the other app')
    check.equal((await store.session('/b/')).join(), 'bob', 'session of the other app')
    await store.changeSession('/b/', () => [])
    check.equal(await store.url(both), undefined, 'URL of nobody')
  },

  'missing files: for whom, until when, and how many': async ({ hasher }, store) => {
    const model = makeModel(hasher, 14, 1000)
    const url = 'https://hub.example/m/resolve/main/optional.json'
    const missing = (grant: string, at = 0, of = url): CatalogMissing => {
      const body = new TextEncoder().encode(grant)
      const refusal = { status: 404, statusText: 'Not Found', headers: [], body }
      return { url: of, grant, refusal, checkedAt: at }
    }
    const told = async (grant: string): Promise<boolean> =>
      (await store.missing(url, grant)) !== undefined
    await store.saveUrl(info(url, model), 'alice')
    await store.saveUrl(info(url, model), 'bob')
    await store.saveMissing(missing('alice', 7))
    check.equal((await store.missing(url, 'alice'))?.checkedAt, 7, 'when')
    check.equal((await store.missing(url, 'alice'))?.refusal.body.length, 5, 'body')
    check.equal(await told('bob'), false, 'told to another')
    check.equal((await store.url(url))?.grants.join(), 'bob', 'who may still be answered')
    await store.saveUrl(info(url, model), 'alice')
    check.equal(await told('alice'), false, 'missing after it was found')
    for (const grant of ['alice', 'bob', 'carol']) await store.saveMissing(missing(grant))
    check.equal(await store.url(url), undefined, 'URL that is missing for all')
    await store.dropUrl(url, 'bob')
    check.equal(await told('bob'), false, 'missing after it was refused')
    check.equal(await told('carol'), true, 'missing for somebody else')
    for (let at = 1; at <= 500; at += 1)
      await store.saveMissing(missing('public', at, `${url}${at}`))
    check.equal(await told('carol'), false, 'the oldest of too many')
    const last = await store.missing(`${url}500`, 'public')
    check.equal(last?.checkedAt, 500, 'the newest of too many')
    await store.clear()
    check.equal(await store.missing(`${url}500`, 'public'), undefined, 'missing after clear')
  },

  'chunks on the device are found by their xorb': async ({ hasher }, store) => {
    const model = makeModel(hasher, 14, 900_000)
    await complete(store, model)
    const run = model.runs[1] as JournalRun
    const chunks = await store.chunksOf(run.xorb)
    check.equal(chunks.length, run.rows.length, 'chunks')
    for (const [index, { content, chunk, offset, length, hash }] of chunks.entries()) {
      check.equal(chunk, run.chunk + index, 'index')
      const bytes = await store.peek(content, { start: offset, end: offset + length })
      check.bytes(hasher.chunk(bytes ?? new Uint8Array()), hash, 'chunk hash')
    }
    await store.remove(model.content)
    check.equal((await store.chunksOf(run.xorb)).length, 0, 'chunks of a removed file')
  },

  'room that a begun file has claimed is not asked for twice': async (
    { hasher, root, driver },
    store,
  ) => {
    const model = makeModel(hasher, 18, 1_500_000)
    const partial = await store.begin(model.content, model.bytes.length)
    await writeRun(partial, model, model.runs[0] as JournalRun)
    await partial.close()
    const usage = await sizeOf(root)
    const full = await openStore({
      hasher,
      root,
      driver,
      estimate: async () => ({ usage, quota: usage + 8_500_000 }),
    })
    const left = model.bytes.length - runLength(model.runs[0] as JournalRun)
    // Pieces claim nothing before they are written.
    const wanted = driver === 'sync' ? 'no error' : 'quota'
    await check.code(full.reserve(left, model.content), wanted, 'the rest of the file')
    await check.code(full.reserve(left, 'etag:another'), 'quota', 'another file')
  },

  'room is made by evicting what was used longest ago': async ({ hasher, root, driver }, store) => {
    const models = [15, 16, 17].map((seed) => makeModel(hasher, seed, 500_000))
    for (const model of models) await complete(store, model)
    const [first, second, third] = models as [Model, Model, Model]
    await store.pin(first.content, true)
    const at = async (now: number): Promise<Store> =>
      openStore({
        hasher,
        root,
        driver,
        clock: { ...systemClock, now: () => now },
        // The files' 1.5 MB, and so much else that a tenth of a megabyte is left beside the spare room.
        estimate: async () => ({ usage: 20_000_000 + (await sizeOf(root)), quota: 30_000_000 }),
      })
    const soon = await at(Date.now() + 5 * minute)
    await check.code(soon.reserve(400_000, 'etag:new'), 'quota', 'all in use or pinned')
    check.equal((await store.files()).length, 3, 'nothing goes when it would not be enough')
    check.equal((await soon.reserve(50_000, 'etag:new')).length, 0, 'there is room')
    await (await at(Date.now() + 20 * minute)).file(third.content)
    const later = await at(Date.now() + 28 * minute)
    check.equal((await later.reserve(400_000, 'etag:new')).join(), second.content, 'evicted')
    check.equal(await store.entry(second.content), undefined, 'entry of the evicted')
    check.equal((await folders(root)).length, 2, 'folders')
  },
}

/** Opens a store in a new root, runs one scenario and takes everything away again. */
export async function runScenario(name: string, place: Omit<ScenarioPlace, 'root'>): Promise<void> {
  const root = `test-${crypto.randomUUID()}`
  const store = await openStore({ ...place, root })
  check.equal(store.driver, place.driver, 'driver')
  try {
    await storeScenarios[name]?.({ ...place, root }, store)
  } finally {
    await store.clear()
    await (
      await navigator.storage.getDirectory()
    )
      .removeEntry(root, { recursive: true })
      .catch(() => undefined)
  }
}

async function complete(store: Store, model: Model): Promise<void> {
  const partial = await store.begin(model.content, model.bytes.length)
  for (const run of model.runs) await writeRun(partial, model, run)
  await partial.finish('xet')
}

async function holdsAll(store: Store, model: Model): Promise<void> {
  const file = await store.file(model.content)
  const bytes = new Uint8Array((await file?.arrayBuffer()) ?? [])
  check.bytes(bytes, model.bytes, 'finished file')
  const { length } = model.bytes
  check.bytes(
    await store.peek(model.content, { start: 1, end: length }),
    model.bytes.subarray(1),
    'peek',
  )
  const rows = (await store.journal(model.content)).flatMap((run) => run.rows)
  check.equal(
    rows.reduce((sum, row) => sum + row.length, 0),
    length,
    'journal',
  )
}

async function sees(store: Store, model: Model, run: JournalRun): Promise<void> {
  const { start, end } = stretch(run)
  const inner = { start: start + 10, end: end - 10 }
  check.bytes(
    await store.peek(model.content, inner),
    model.bytes.subarray(inner.start, inner.end),
    'peek',
  )
}

function stretch(run: JournalRun): { start: number; end: number } {
  return { start: run.offset, end: run.offset + runLength(run) }
}

async function partialWrite(partial: {
  write(at: number, bytes: Uint8Array): Promise<void>
}): Promise<void> {
  await partial.write(0, new Uint8Array(1))
}

/** Flips a bit of a stored byte, behind the store's back. */
async function rot(store: Store, root: string, model: Model, offset: number): Promise<void> {
  const entry = await store.entry(model.content)
  const part = entry?.parts.find(
    (each) => each.offset <= offset && offset < each.offset + each.length,
  )
  const folder = await (await rootOf(root)).getDirectoryHandle(entry?.name ?? '')
  const file = await folder.getFileHandle(part?.name ?? '')
  const stream = await file.createWritable({ keepExistingData: true })
  const position = (part?.at ?? 0) + offset - (part?.offset ?? 0)
  await stream.write({
    type: 'write',
    position,
    data: Uint8Array.of((model.bytes[offset] ?? 0) ^ 1),
  })
  await stream.close()
}

async function rootOf(root: string): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(root)
}

async function folders(root: string): Promise<string[]> {
  const names: string[] = []
  for await (const name of (await rootOf(root)).keys()) names.push(name)
  return names
}

async function sizeOf(root: string): Promise<number> {
  let size = 0
  for (const name of await folders(root)) {
    size += await new Folder(await rootOf(root), name, systemClock).size()
  }
  return size
}

function info(url: string, model: Model): FileInfo {
  return { url, size: model.bytes.length, content: model.content, fetchedAt: Date.now() }
}
