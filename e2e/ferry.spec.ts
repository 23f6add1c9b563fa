import { expect } from '@playwright/test'
import { uploadFiles } from '@huggingface/hub'
import type { FerryError, LoadState } from 'modelferry'
import { fileBytes } from './stage/fileBytes.ts'
import { sha256 } from './stage/sha256.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { makeBytes } from './stage/makeBytes.ts'
import { stageToken } from './stage/stageToken.ts'
import { startSite } from './stage/startSite.ts'
import { test } from './stage/test.ts'
import { Wire } from './stage/Wire.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('prefetch reports progress, pauses, continues, and ends when the file is stored', async ({
  stage,
}) => {
  const { wide, vad } = stage.files
  const stall = { do: 'stall', after: 0, ms: 60_000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 10, times: null, action: stall })
  await stage.connect()
  await stage.page.evaluate(
    (urls) => {
      const page = window as unknown as StateWindow
      page.states = []
      page.load = page.ferry.prefetch(urls, { onProgress: (state) => page.states.push(state) })
    },
    [stage.url(wide), stage.url(vad)],
  )
  await stage.until(wide, 15_000_000)
  await stage.pause()
  await expect.poll(() => stage.traffic.of('xorb').filter(({ done }) => !done)).toEqual([])
  const asked = stage.traffic.of('xorb').length
  stage.hub.hub.faults.clear()
  await stage.page.waitForTimeout(500)
  expect(stage.traffic.of('xorb')).toHaveLength(asked)
  const [half] = await stage.held()
  expect(half).toMatchObject({ complete: false, urls: [stage.url(wide)] })
  expect(half?.held).toBeGreaterThan(15_000_000)

  await stage.resume()
  const states = await stage.page.evaluate(() => (window as unknown as StateWindow).states)
  for (const file of [wide, vad]) {
    const own = states.filter(({ url }) => url === stage.url(file))
    expect(own.at(-1)).toMatchObject({ phase: 'complete', held: file.size, size: file.size })
    expect(own.every(({ held }) => held <= file.size)).toBe(true)
  }
  expect(states.some(({ phase, held }) => phase === 'running' && held > 0)).toBe(true)
  expect(stage.traffic.bytes('xorb')).toBeLessThan(1.05 * (wide.size + vad.size))

  stage.traffic.clear()
  for (const file of [wide, vad])
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  expect(stage.traffic.all).toEqual([])
})

test('a prefetch rejects with a code, and with the reason of its signal', async ({ stage }) => {
  await stage.connect()
  const codes = await stage.page.evaluate(
    async ([missing, file]) => {
      const { ferry } = window as unknown as StageWindow
      const ended = new AbortController()
      const late = ferry.prefetch([file], { signal: ended.signal })
      ended.abort('enough')
      return [
        await ferry.prefetch([missing]).then(String, (error) => (error as FerryError).code),
        await late.then(String, String),
      ]
    },
    [`${stage.hub.url}/stage/ocr/resolve/main/none.onnx`, stage.url(stage.files.wide)] as const,
  )
  expect(codes).toEqual(['not-found', 'enough'])
})

test('small files that load together can be pinned and removed as soon as the page has them', async ({
  stage,
}) => {
  const { hub, traffic } = stage
  const repo = 'stage/together'
  const names = ['slow-1.bin', 'slow-2.bin', 'one.bin', 'two.bin', 'three.bin']
  for (const [at, path] of names.entries()) {
    const content = new Blob([makeBytes(400_000, at + 1, ['noise']) as BlobPart])
    const files = [{ path, content }]
    await uploadFiles({ repo, hubUrl: hub.url, accessToken: stageToken, useXet: true, files })
  }
  traffic.clear()
  const [slow, slower, ...urls] = names.map((name) => `${hub.url}/${repo}/resolve/main/${name}`)
  await stage.connect()
  // While small files are under way, the others are not written.
  const stall = { do: 'stall', after: 0, ms: 60_000 } as const
  hub.hub.faults.add({ kind: 'xorb', times: null, action: stall })
  await stage.page.evaluate((all) => void all.map((url) => fetch(url)), [slow!, slower!])
  await expect.poll(() => traffic.of('reconstruction').length).toBe(2)
  await stage.page.waitForTimeout(500)
  hub.hub.faults.clear()
  const seen = await stage.page.evaluate(async (urls) => {
    const { ferry } = window as unknown as StageWindow
    const [first, second] = urls
    const results = await Promise.all(
      urls.map(async (url) => {
        await (await fetch(url)).arrayBuffer()
        if (url === first) return await ferry.remove(url)
        if (url === second) await ferry.pin(url)
        return await ferry.holds(url)
      }),
    )
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const left = (await ferry.files()).filter((file) => !/slow/.test(file.urls.join()))
    return { results, left: left.map((file) => ({ url: file.urls[0], pinned: file.pinned })) }
  }, urls)
  expect(seen.results).toEqual([true, true, true])
  expect(seen.left.toSorted((a, b) => Number(b.pinned) - Number(a.pinned))).toEqual([
    { url: urls[1], pinned: true },
    { url: urls[2], pinned: false },
  ])
})

test('what is stored: files, usage, pin, remove, clear', async ({ stage }) => {
  const { rec, vad } = stage.files
  await stage.connect()
  const begun = Date.now()
  for (const file of [rec, vad]) await stage.fetch(file)
  // A body ends as soon as all of it is proven; the record of the file follows.
  await expect
    .poll(async () => (await stage.held()).map((file) => file.complete))
    .toEqual([true, true])
  const held = await stage.held()
  for (const file of [rec, vad])
    expect(held.find(({ size }) => size === file.size)).toMatchObject({
      urls: [stage.url(file)],
      held: file.size,
      complete: true,
      revision: file.commit,
      verified: 'xet',
      pinned: false,
    })
  for (const { content, lastUsed } of held) {
    expect(content).toMatch(/^xet:[0-9a-f]{64}\+sha256:[0-9a-f]{64}$/)
    expect(lastUsed).toBeGreaterThanOrEqual(begun)
  }
  const seen = await stage.page.evaluate(
    async ([one, other]) => {
      const { ferry } = window as unknown as StageWindow
      const usage = await ferry.usage()
      await ferry.pin(one)
      const pinned = (await ferry.files()).filter((file) => file.pinned).map(({ urls }) => urls)
      await ferry.pin(one, false)
      const unpinned = (await ferry.files()).filter((file) => file.pinned).length
      const persisted = typeof (await ferry.persist())
      const removed = [await ferry.remove(one), await ferry.remove(one)]
      const left = (await ferry.files()).map(({ urls }) => urls)
      const verified = [await ferry.verify(one), await ferry.verify(other)]
      const absent = await ferry.verify(one, { report: true })
      await ferry.clear()
      return {
        usage,
        pinned,
        unpinned,
        persisted,
        removed,
        left,
        verified,
        absent,
        end: await ferry.files(),
        // clear() must also remove signed URLs of stored files.
        remembered: await new Promise((resolve) => {
          indexedDB.open('modelferry-records').addEventListener('success', ({ target }) => {
            const { result } = target as IDBOpenDBRequest
            const keys = result.transaction('records').objectStore('records').getAllKeys()
            keys.addEventListener('success', () => resolve(keys.result))
          })
        }),
      }
    },
    [stage.url(rec), stage.url(vad)] as const,
  )
  expect(seen).toMatchObject({
    usage: { files: 2, held: rec.size + vad.size },
    pinned: [[stage.url(rec)]],
    unpinned: 0,
    persisted: 'boolean',
    removed: [true, false],
    left: [[stage.url(vad)]],
    verified: [false, true],
    absent: { state: 'absent', intact: false, size: 0, held: 0, damaged: 0 },
    end: [],
    remembered: [],
  })
  expect(seen.usage.quota).toBeGreaterThan(seen.usage.used)
  expect(seen.usage.used).toBeGreaterThanOrEqual(rec.size + vad.size)
  const again = await stage.fetch(vad)
  expect(again).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(again.headers['x-modelferry']).toBe('stream')
})

test('ferry.file: a loaded file without a copy, readable as long as the page refers to it', async ({
  stage,
}) => {
  const { rec } = stage.files
  const bytes = await fileBytes.rec()
  await stage.connect()
  const loaded = await stage.page.evaluate(async (url) => {
    const page = window as unknown as StageWindow & { file?: File }
    page.file = await page.ferry.file(url)
    const { name, size } = page.file
    return { name, size, isFile: page.file instanceof File }
  }, stage.url(rec))
  expect(loaded).toEqual({ name: rec.path.split('/').pop(), size: rec.size, isFile: true })
  stage.traffic.clear()

  const inWorker = await stage.page.evaluate(async () => {
    const { ferry, file } = window as unknown as StageWindow & { file: File }
    // A removed file stays readable, also for a worker.
    await ferry.clear()
    const script =
      'onmessage = async ({ data }) => postMessage(await crypto.subtle.digest("SHA-256", await data.arrayBuffer()))'
    const worker = new Worker(URL.createObjectURL(new Blob([script])))
    const answer = new Promise<ArrayBuffer>((resolve) => {
      worker.addEventListener('message', ({ data }) => resolve(data as ArrayBuffer))
    })
    worker.postMessage(file)
    const hash = Array.from(new Uint8Array(await answer), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join('')
    worker.terminate()
    const slice = await file.slice(1000, 1010).arrayBuffer()
    return { hash, slice: Array.from(new Uint8Array(slice)) }
  })
  expect(inWorker).toEqual({ hash: rec.sha256, slice: [...bytes.subarray(1000, 1010)] })
  expect(stage.traffic.all).toEqual([])

  const heldBy = (): Promise<number> =>
    stage.page.evaluate(async () => {
      const { held = [] } = await navigator.locks.query()
      return held.filter(({ name }) => name?.includes(':hold:')).length
    })
  expect(await heldBy()).toBe(1)
  await stage.page.evaluate(() => delete (window as unknown as { file?: File }).file)
  const devtools = await stage.context.newCDPSession(stage.page)
  await expect
    .poll(async () => {
      await devtools.send('HeapProfiler.collectGarbage')
      return await heldBy()
    })
    .toBe(0)
})

test('ferry.file: an abort and a missing file are errors that say so', async ({ stage }) => {
  const { wide } = stage.files
  await stage.connect()
  const codes = await stage.page.evaluate(
    async ([missing, url]) => {
      const { ferry } = window as unknown as StageWindow
      const ended = new AbortController()
      const late = ferry.file(url, { signal: ended.signal })
      ended.abort(new Error('enough'))
      const results = await Promise.allSettled([ferry.file(missing), late])
      return results.map((result) => {
        const { code, message } = (result as PromiseRejectedResult).reason as FerryError
        return code ?? message
      })
    },
    [`${stage.url(wide)}.absent`, stage.url(wide)] as const,
  )
  expect(codes).toEqual(['not-found', 'enough'])
})

test('verify finds a byte that changed on the device; the next fetch repairs the file', async ({
  stage,
}) => {
  const { rec } = stage.files
  await stage.connect()
  await stage.fetch(rec)
  await stage.page.evaluate(damageStored, 5_000_000)
  const verify = (): Promise<boolean> =>
    stage.page.evaluate(
      (url) => (window as unknown as StageWindow).ferry.verify(url),
      stage.url(rec),
    )
  expect(await verify()).toBe(false)
  stage.traffic.clear()
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(stage.traffic.of('xorb')).toHaveLength(1)
  expect(await verify()).toBe(true)
})

test('a byte that changed on the device is found without being asked for, and fetched again', async ({
  stage,
}) => {
  const { rec } = stage.files
  await stage.connect()
  await stage.fetch(rec)
  await stage.page.evaluate(damageStored, 5_000_000)
  await stage.reload()
  await expect.poll(() => stage.events('fault')).toMatchObject([{ code: 'integrity' }])
  stage.traffic.clear()
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(stage.traffic.of('xorb')).toHaveLength(1)
})

test('after a reload of the page, files of a plain server that were replaced are the new ones', async ({
  stage,
}) => {
  const paths = ['data/labels.txt', 'data/weights.dat']
  /** @returns the digests of the new files: a small and a large one */
  const replace = (version: string): string[] =>
    [version, version.repeat(2 ** 20)].map((body, at) => {
      const headers = {
        'content-type': 'text/plain',
        'content-length': String(body.length),
        'cache-control': 'no-cache',
        etag: `"${version}"`,
      }
      stage.site.answers.set(`/${paths[at]}`, { headers, body })
      return sha256(Buffer.from(body))
    })
  const read = async (): Promise<string[]> => {
    const answers = await Promise.all(paths.map((path) => stage.fetch(`${stage.site.url}${path}`)))
    expect(answers[0]?.headers['x-modelferry']).toBe('hit')
    return answers.map((answer) => answer.sha256)
  }
  const old = replace('old')
  await stage.connect({ files: ['/data/*'] })
  expect(await read()).toEqual(old)
  const replaced = replace('new')
  await stage.reload()
  expect(await read()).toEqual(replaced)
  expect(await read()).toEqual(replaced)
})

test('after close() the page can still fetch, and a closed connection reports that', async ({
  stage,
}) => {
  const { vad, rec } = stage.files
  await stage.connect()
  await stage.fetch(vad)
  const code = await stage.page.evaluate(async () => {
    const { ferry } = window as unknown as StageWindow
    await ferry.close()
    return await ferry.files().then(String, (error: unknown) => (error as { code: string }).code)
  })
  expect(code).toBe('closed')
  const warm = await stage.fetch(vad)
  expect(warm).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(warm.headers['x-modelferry']).toBe('hit')
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
})

test('ferry.fetch: an ordinary response, for models and all other URLs', async ({ stage }) => {
  const { rec } = stage.files
  const bytes = await fileBytes.rec()
  const api = await startSite()
  const wire = new Wire()
  try {
    api.answers.set('/ask', {
      status: 201,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'authorization, content-type',
        'content-type': 'application/json',
      },
      body: '{"heard":true}',
    })
    const own = api.url.slice(0, -1)
    await stage.connect({ token: 'hf_stage', tokenOrigins: [own] })
    const cold = await stage.fetch(rec, { by: 'ferry' })
    expect(cold).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(cold.headers).toMatchObject({
      'x-modelferry': 'stream',
      'content-length': String(rec.size),
    })
    stage.traffic.clear()
    const range = 'bytes=3000000-5000000'
    const part = await stage.fetch(rec, { by: 'ferry', init: { headers: { range } } })
    expect(part).toMatchObject({
      status: 206,
      sha256: sha256(bytes.subarray(3_000_000, 5_000_001)),
    })
    expect(stage.traffic.all).toEqual([])

    const posted = await stage.page.evaluate(
      async ([url, model]) => {
        const { ferry } = window as unknown as StageWindow
        const headers = { 'content-type': 'application/json' }
        const answer = await ferry.fetch(url, { method: 'POST', headers, body: '{"ask":1}' })
        const early = AbortSignal.abort(new Error('not now'))
        return {
          status: answer.status,
          url: answer.url,
          json: (await answer.json()) as unknown,
          model: (await ferry.fetch(model, { method: 'HEAD' })).url,
          missing: (await ferry.fetch('/none')).status,
          aborted: await ferry.fetch(model, { signal: early }).then(String, String),
          offline: await ferry
            .fetch('http://127.0.0.1:1/')
            .then(String, (error: FerryError) => [error.name, error.code, error.retryable]),
        }
      },
      [`${api.url}ask`, stage.url(rec)] as const,
    )
    expect(posted).toMatchObject({
      status: 201,
      url: `${api.url}ask`,
      json: { heard: true },
      model: stage.url(rec),
      missing: 404,
      aborted: 'Error: not now',
      offline: ['FerryError', 'network', true],
    })
    const [preflight, sent] = wire.to(own)
    expect(preflight).toMatchObject({ method: 'OPTIONS' })
    expect(sent).toMatchObject({
      method: 'POST',
      headers: { authorization: 'Bearer hf_stage', 'content-length': '9' },
    })
    const others = wire.requests.filter(({ origin }) => origin !== own)
    expect(others.some(({ headers }) => headers['authorization'] === 'Bearer hf_stage')).toBe(false)
  } finally {
    wire.close()
    await api.close()
  }
})

test('without a service worker only the connection loads files', async ({ stage }) => {
  const { rec, vad } = stage.files
  expect(await stage.connect({ serviceWorker: false, worker: '/modelferry-worker.js' })).toBe(false)
  expect(
    await stage.page.evaluate(
      async () => (await navigator.serviceWorker.getRegistrations()).length,
    ),
  ).toBe(0)
  expect(await stage.fetch(rec, { by: 'ferry' })).toMatchObject({ status: 200, sha256: rec.sha256 })
  stage.traffic.clear()
  const warm = await stage.fetch(rec, { by: 'ferry' })
  expect(warm).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(warm.headers['x-modelferry']).toBe('hit')
  expect(stage.traffic.all).toEqual([])
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(plain.headers['x-modelferry']).toBeUndefined()
})

for (const by of ['page', 'ferry'] as const)
  test(`offline, a request of the ${by} for a file that is not held fails, and the fault says why`, async ({
    stage,
  }) => {
    const { vad } = stage.files
    await stage.connect()
    await stage.context.setOffline(true)
    expect(await stage.fetch(vad, { by })).toMatchObject({ status: 0 })
    const faults = await stage.events('fault')
    expect(faults).toMatchObject([{ code: 'network', url: stage.url(vad) }])
    expect(faults[0]?.message).toContain('the device is offline')
  })

for (const path of ['model.onnx', 'models/org/model/model.onnx', 'models/org/model/config.json'])
  test(`a page to sign in, in answer to ${path} of the own origin, is what the page gets, and it is told once`, async ({
    stage,
  }) => {
    const { answers, url } = stage.site
    answers.set(`/${path}`, { status: 302, headers: { location: '/sign-in' }, body: '' })
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    answers.set('/sign-in', { headers, body: '<!doctype html><title>Sign in</title>' })
    await stage.connect()
    for (let times = 0; times < 3; times += 1) {
      const page = await stage.fetch(url + path)
      expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Sign in') })
      expect(page.url).toBe(`${url}sign-in`)
    }
    expect(await stage.held()).toEqual([])
    const faults = await stage.events('fault')
    expect(faults).toHaveLength(path.endsWith('.json') ? 0 : 1)
  })

interface StateWindow extends StageWindow {
  states: LoadState[]
}

/** Runs in the page: flips a bit at an offset of the largest file in OPFS. */
async function damageStored(offset: number): Promise<void> {
  let largest: { handle: FileSystemFileHandle; size: number } | undefined
  const walk = async (folder: FileSystemDirectoryHandle): Promise<void> => {
    for await (const entry of folder.values()) {
      if (entry.kind === 'directory') await walk(entry)
      else {
        const { size } = await entry.getFile()
        if (size > (largest?.size ?? 0)) largest = { handle: entry, size }
      }
    }
  }
  await walk(await navigator.storage.getDirectory())
  const { handle } = largest!
  const byte = new Uint8Array(
    await (await handle.getFile()).slice(offset, offset + 1).arrayBuffer(),
  )
  const writable = await handle.createWritable({ keepExistingData: true })
  await writable.write({ type: 'write', position: offset, data: new Uint8Array([byte[0]! ^ 1]) })
  await writable.close()
}
