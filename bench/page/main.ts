import { downloadFile } from '@huggingface/hub'
import { connect } from 'modelferry'
import type { Ferry } from 'modelferry'
import type { BenchFile } from '../stage/BenchFile.ts'
import type { Bench, Calls, LoadWay, Span } from './Bench.ts'

export const bench: Bench = {
  async connect(hub) {
    const ferry = await connect({ hubs: [hub] })
    if (!ferry.controlled) throw new Error('The service worker does not control the page.')
    Object.assign(globalThis, { ferry })
    ferry.addEventListener('fault', ({ detail }) => console.error(JSON.stringify(detail)))
  },
  async load(by, hub, file, hash) {
    const start = performance.now()
    const { body, label } = await loaders[by](hub, file)
    const headers = performance.now() - start
    const buffer = await body.arrayBuffer()
    const ms = performance.now() - start
    const size = buffer.byteLength
    return { ms, headers, size, label, ...(hash && { sha256: await sha256(buffer) }) }
  },
  async store(where, hub, file) {
    const response = await answer(hub, file)
    if (where === 'cache') return await (await caches.open('bench')).put(urlOf(hub, file), response)
    const folder = await navigator.storage.getDirectory()
    const handle = await folder.getFileHandle(file.path, { create: true })
    await response.body!.pipeTo(await handle.createWritable())
  },
  async register(script) {
    const { serviceWorker } = navigator
    await serviceWorker.register(script)
    if (!serviceWorker.controller)
      await new Promise((done) => serviceWorker.addEventListener('controllerchange', done))
  },
  async amid(hub, file, url) {
    const requests: Promise<number>[] = []
    const ask = async (): Promise<number> => {
      const start = performance.now()
      await (await fetch(url, { cache: 'no-store' })).arrayBuffer()
      return performance.now() - start
    }
    const start = performance.now()
    const timer = setInterval(() => requests.push(ask()), 100)
    try {
      await bench.drain(hub, file)
    } finally {
      clearInterval(timer)
    }
    return { ms: performance.now() - start, requests: await Promise.all(requests) }
  },
  async update(hub, repo) {
    const { ferry } = globalThis as unknown as { ferry: Ferry }
    const update = await ferry.update(repo, { hub })
    await update.apply()
    return update.bytes
  },
  async times(hub, file, range) {
    const start = performance.now()
    const since = (): number => performance.now() - start
    const init = range === null ? {} : { headers: { range } }
    const response = await fetch(urlOf(hub, file), init)
    if (!response.ok) throw new Error(`The hub answered ${response.status} for ${file.path}.`)
    const headers = since()
    let [size, firstByte] = [0, 0]
    for await (const part of response.body as ReadableStream<Uint8Array>) {
      if (size === 0) firstByte = since()
      size += part.length
    }
    return { headers, firstByte, lastByte: since(), size }
  },
  async drain(hub, file) {
    const { body } = await answer(hub, file)
    let size = 0
    for await (const part of body as ReadableStream<Uint8Array>) size += part.length
    return size
  },
  async many(hub, files) {
    const start = performance.now()
    const sizes = await Promise.all(
      files.map(async (file) => (await (await answer(hub, file)).arrayBuffer()).byteLength),
    )
    const ms = performance.now() - start
    const at = performance.timeOrigin + start
    const wrong = files.find(({ size }, index) => sizes[index] !== size)
    if (wrong) throw new Error(`${wrong.path} has another length than on the hub.`)
    return { ms, at }
  },
  async calls() {
    const channel = new BroadcastChannel('bench-calls')
    const counts: Record<string, number> = {}
    const spans: Span[] = []
    channel.addEventListener('message', ({ data }: MessageEvent<Calls>) => {
      for (const [name, count] of Object.entries(data.counts))
        counts[name] = (counts[name] ?? 0) + count
      spans.push(...data.spans)
    })
    channel.postMessage('ask')
    await new Promise((resolve) => setTimeout(resolve, 500))
    channel.close()
    return { counts, spans }
  },
}

type Loader = (
  hub: string,
  file: BenchFile,
) => Promise<{ body: { arrayBuffer(): Promise<ArrayBuffer> }; label: string | null }>

const loaders: Record<LoadWay, Loader> = {
  async fetch(hub, file) {
    const body = await answer(hub, file)
    return { body, label: body.headers.get('x-modelferry') }
  },
  async client(hubUrl, { repo, path }) {
    const body = await downloadFile({ repo, path, hubUrl })
    if (body === null) throw new Error(`${path} is not on the hub.`)
    return { body, label: null }
  },
  async cache(hub, file) {
    const body = await (await caches.open('bench')).match(urlOf(hub, file))
    if (body === undefined) throw new Error(`${file.path} is not in the cache.`)
    return { body, label: null }
  },
}

function urlOf(hub: string, { repo, path }: BenchFile): string {
  return `${hub}/${repo}/resolve/main/${path}`
}

async function answer(hub: string, file: BenchFile): Promise<Response> {
  const response = await fetch(urlOf(hub, file))
  if (!response.ok) throw new Error(`The hub answered ${response.status} for ${file.path}.`)
  return response
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

Object.assign(globalThis, { bench })
