import type { CatalogMissing } from '../store.ts'
import type { JournalRun } from '../runs.ts'
import { check } from './check.ts'
import { fileInfoOf } from './fileInfoOf.ts'
import { keepModel } from './keepModel.ts'
import { makeModel } from './makeModel.ts'
import type { Scenario } from './Scenario.ts'

/** The catalog: URLs and grants, 404s, sessions, chunks. */
export const catalogScenarios: Readonly<Record<string, Scenario>> = {
  'URLs, grants, pins and the list of files': async ({ hasher }, store) => {
    const model = makeModel(hasher, 12, 300_000)
    const other = makeModel(hasher, 13, 300_000)
    const url = 'https://hub.example/m/resolve/main/a.bin'
    await keepModel(store, model)
    await store.saveUrl(fileInfoOf(url, model), 'public')
    await store.saveUrl(fileInfoOf(url, model), 'alice')
    check.equal((await store.url(url))?.grants.join(), 'public,alice', 'grants')
    await store.dropUrl(url, 'bob')
    check.equal((await store.url(url))?.grants.join(), 'alice', 'grants after a refusal')
    await store.saveUrl(fileInfoOf(url, other), 'bob')
    check.equal((await store.url(url))?.grants.join(), 'bob', 'grants for other bytes')
    await store.dropUrl(url, 'bob')
    check.equal(await store.url(url), undefined, 'URL without grants')
    await store.saveUrl(fileInfoOf(url, model), 'alice')
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

  'sessions: a removed grant loses everything, and other apps keep theirs': async (
    { hasher },
    store,
  ) => {
    const model = makeModel(hasher, 15, 1000)
    const url = 'https://hub.example/m/resolve/main/private.bin'
    const both = `${url}2`
    const refusal = { status: 404, statusText: 'Not Found', headers: [], body: new Uint8Array() }
    const missing = `${url}.json`
    for (const grant of ['alice', 'bob']) {
      await store.saveUrl(fileInfoOf(both, model), grant)
      await store.saveMissing({ url: missing, grant, refusal, checkedAt: 1 })
    }
    await store.saveUrl(fileInfoOf(url, model), 'alice')
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
    check.equal((await store.answers(missing, 'alice')).missing, undefined, 'missing for who went')
    check.equal(
      (await store.answers(missing, 'bob')).missing?.checkedAt,
      1,
      'missing for the other app',
    )
    check.equal((await store.session('/b/')).join(), 'bob', 'session of the other app')
    await store.changeSession('/b/', () => [])
    check.equal(await store.url(both), undefined, 'URL without a grant')
  },

  'missing files: per grant, until they are found, and limited in number': async (
    { hasher },
    store,
  ) => {
    const model = makeModel(hasher, 14, 1000)
    const url = 'https://hub.example/m/resolve/main/optional.json'
    const missing = (grant: string, at = 0, of = url): CatalogMissing => {
      const body = new TextEncoder().encode(grant)
      const refusal = { status: 404, statusText: 'Not Found', headers: [], body }
      return { url: of, grant, refusal, checkedAt: at }
    }
    const hasMissing = async (grant: string): Promise<boolean> =>
      (await store.answers(url, grant)).missing !== undefined
    await store.saveUrl(fileInfoOf(url, model), 'alice')
    await store.saveUrl(fileInfoOf(url, model), 'bob')
    await store.saveMissing(missing('alice', 7))
    check.equal((await store.answers(url, 'alice')).missing?.checkedAt, 7, 'when')
    check.equal((await store.answers(url, 'alice')).missing?.refusal.body.length, 5, 'body')
    check.equal(await hasMissing('bob'), false, 'stored for another')
    check.equal((await store.url(url))?.grants.join(), 'bob', 'who may still be answered')
    await store.saveUrl(fileInfoOf(url, model), 'alice')
    check.equal(await hasMissing('alice'), false, 'missing after it was found')
    for (const grant of ['alice', 'bob', 'carol']) await store.saveMissing(missing(grant))
    check.equal(await store.url(url), undefined, 'URL that is missing for all')
    await store.dropUrl(url, 'bob')
    check.equal(await hasMissing('bob'), false, 'missing after it was refused')
    check.equal(await hasMissing('carol'), true, 'missing for another user')
    for (let at = 1; at <= 500; at += 1)
      await store.saveMissing(missing('public', at, `${url}${at}`))
    check.equal(await hasMissing('carol'), false, 'the oldest of too many')
    const last = (await store.answers(`${url}500`, 'public')).missing
    check.equal(last?.checkedAt, 500, 'the newest of too many')
    await store.clear()
    check.equal(
      (await store.answers(`${url}500`, 'public')).missing,
      undefined,
      'missing after clear',
    )
  },

  'chunks on the device are found by their xorb': async ({ hasher }, store) => {
    const model = makeModel(hasher, 14, 900_000)
    await keepModel(store, model)
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
}
