import { commit } from '@huggingface/hub'
import { expect, test } from 'vitest'
import { startOrigin } from '../hub/testing/startOrigin.ts'
import type { Origin } from '../hub/testing/startOrigin.ts'
import { loadFile } from '../worker/loader-calls.ts'
import type { Engine } from './engine.ts'
import { settledAnswer } from './kept-answers.ts'

const { signal } = new AbortController()

interface Place extends Omit<Origin, 'engine'> {
  readonly engine: Engine
  readonly base: string
  readonly from: string
}

/** A page has loaded a model, a note and a missing file; then the next revision is pushed. */
async function started(): Promise<Place> {
  const place = await startOrigin()
  const base = place.url.replace(/\/[^/]*$/, '')
  await push(place, { 'same.json': 'same', 'gone.json': 'gone', 'small.json': 'one' })
  const engine = place.engine()
  for (const path of ['model.onnx', 'same.json', 'gone.json', 'small.json'])
    await loadFile(engine, `${base}/${path}`, { signal })
  expect(await engine.info(`${base}/late.json`, {})).toMatchObject({ refusal: { status: 404 } })
  const [branch] = (await place.store.branches.read(base, undefined)).stored
  return { ...place, base, from: branch?.commits[0] ?? '', engine }
}

async function push(
  { hub }: Pick<Origin, 'hub'>,
  files: Record<string, string | Blob>,
  deleted: readonly string[] = [],
): Promise<string> {
  const made = await commit({
    ...hub.client,
    repo: 'me/vad',
    title: 'next',
    operations: [
      ...Object.entries(files).map(([path, text]) => ({
        operation: 'addOrUpdate' as const,
        path,
        content: new Blob([text]),
      })),
      ...deleted.map((path) => ({ operation: 'delete' as const, path })),
    ],
  })
  return made?.commit.oid ?? ''
}

/** The model with other bytes at its end: most chunks are unchanged. */
function changed(bytes: Uint8Array): Blob {
  const next = bytes.slice()
  next.fill(7, next.length - 1000)
  return new Blob([next])
}

test('an update reports changes and costs, and moves the branch when all files are complete', async () => {
  const place = await started()
  const { engine, base, from, bytes, store } = place
  const to = await push(
    place,
    { 'model.onnx': changed(bytes), 'small.json': 'two', 'late.json': 'late' },
    ['gone.json'],
  )
  const update = await engine.updates.look(base, signal)
  expect(update).toMatchObject({ from, to })
  const changes = Object.fromEntries(update.files.map(({ path, change }) => [path, change]))
  expect(changes).toEqual({
    'model.onnx': 'changed',
    'same.json': 'same',
    'gone.json': 'removed',
    'small.json': 'changed',
    'late.json': 'added',
  })
  const model = update.files.find(({ path }) => path === 'model.onnx')
  expect(model?.size).toBe(bytes.length)
  expect(update.bytes).toBe(model?.bytes)
  expect(update.bytes).toBeGreaterThanOrEqual(1000)
  expect(update.bytes).toBeLessThan(bytes.length / 2)

  const seen = async (): Promise<string | undefined> => {
    const viewer = { grant: 'public', client: undefined }
    const known = await settledAnswer(store, place.url, viewer, Date.now())
    return known && 'info' in known ? known.info.commit : undefined
  }
  expect(await seen()).toBe(from)
  place.hub.hub.log.clear()
  for (const { path, change } of update.files)
    if (change !== 'removed') await loadFile(engine, `${base}/${path}`, { signal, commit: to })
  expect(await seen()).toBe(from)
  const sent = place.hub.hub.log.entries.filter(({ kind }) => kind === 'xorb')
  const fetched = sent.reduce((sum, entry) => sum + entry.bytes, 0)
  expect(fetched).toBeLessThan(bytes.length / 2)
  await engine.updates.move(base, to, signal)
  expect(await seen()).toBe(to)
  expect(await engine.updates.look(base, signal)).toMatchObject({ from: to, to, bytes: 0 })
})

test('an impossible comparison gives the reason', async () => {
  const place = await started()
  const { engine, base } = place
  await expect(engine.updates.look(base.replace('vad', 'none'), signal)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('Load files'),
  })
  place.hub.hub.gated.add('me/vad')
  await expect(engine.updates.look(base, signal)).rejects.toMatchObject({ code: 'unauthorized' })
  await place.hub.close()
  await expect(engine.updates.look(base, signal)).rejects.toMatchObject({ code: 'network' })
  await expect(engine.updates.move(base, 'x', AbortSignal.abort('enough'))).rejects.toBe('enough')
})
