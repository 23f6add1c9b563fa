import { downloadFile } from '@huggingface/hub'
import { connect } from 'modelferry'
import type { BenchFile } from '../stage/BenchFile.ts'
import type { Bench, Calls, Span } from './Bench.ts'

const bench: Bench = {
  async connect(hub) {
    const ferry = await connect({ hubs: [hub] })
    if (!ferry.controlled) throw new Error('The service worker does not control the page.')
    ferry.addEventListener('fault', ({ detail }) => console.error(JSON.stringify(detail)))
  },
  async load(by, hub, file, hash) {
    const start = performance.now()
    const { buffer, label } = await loaders[by](hub, file)
    const ms = performance.now() - start
    const size = buffer.byteLength
    return { ms, size, label, ...(hash && { sha256: await sha256(buffer) }) }
  },
  async times(hub, { repo, path }, range) {
    const start = performance.now()
    const since = (): number => performance.now() - start
    const init = range === null ? {} : { headers: { range } }
    const response = await fetch(`${hub}/${repo}/resolve/main/${path}`, init)
    if (!response.ok) throw new Error(`The hub answered ${response.status} for ${path}.`)
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
) => Promise<{ buffer: ArrayBuffer; label: string | null }>

const loaders: Record<'fetch' | 'client', Loader> = {
  async fetch(hub, file) {
    const response = await answer(hub, file)
    return { buffer: await response.arrayBuffer(), label: response.headers.get('x-modelferry') }
  },
  async client(hubUrl, { repo, path }) {
    const blob = await downloadFile({ repo, path, hubUrl })
    if (blob === null) throw new Error(`${path} is not on the hub.`)
    return { buffer: await blob.arrayBuffer(), label: null }
  },
}

async function answer(hub: string, { repo, path }: BenchFile): Promise<Response> {
  const response = await fetch(`${hub}/${repo}/resolve/main/${path}`)
  if (!response.ok) throw new Error(`The hub answered ${response.status} for ${path}.`)
  return response
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

Object.assign(globalThis, { bench })
