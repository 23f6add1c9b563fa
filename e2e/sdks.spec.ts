// The SDKs of OpenAI, Anthropic and Hugging Face in a page, through a gateway with the default configuration.

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { uploadFile } from '@huggingface/hub'
import { expect, test } from '@playwright/test'
import { build } from 'vite'
import { sha256 } from './stage/sha256.ts'
import { startGateway } from './stage/startGateway.ts'
import { startSite } from './stage/startSite.ts'
import { listenLocally } from './stage/local-server.ts'

const token = 'hf_sdk-user-90c4'
const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 2_654_435_761) >>> 24)

/** Implements as much of both protocols as the SDKs need, and records the headers of its requests. */
async function startModels() {
  const asked: { path: string; headers: NodeJS.Dict<string | string[]> }[] = []
  const completion = { id: 'c1', created: 1, model: 'm', object: 'chat.completion' }
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      asked.push({ path: incoming.url ?? '', headers: incoming.headers })
      const { stream = false } = JSON.parse(Buffer.concat(parts).toString()) as { stream?: boolean }
      if (incoming.url === '/claude/v1/messages') {
        const content = [{ type: 'text', text: 'hello from claude' }]
        const usage = { input_tokens: 1, output_tokens: 3 }
        outgoing.writeHead(200, { 'content-type': 'application/json', 'request-id': 'r1' })
        outgoing.end(
          JSON.stringify({
            id: 'm1',
            type: 'message',
            role: 'assistant',
            model: 'm',
            content,
            usage,
          }),
        )
      } else if (stream) {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const content of ['hel', 'lo']) {
          const choices = [{ index: 0, delta: { content }, finish_reason: null }]
          outgoing.write(`data: ${JSON.stringify({ ...completion, choices })}\n\n`)
        }
        outgoing.end('data: [DONE]\n\n')
      } else {
        const message = { role: 'assistant', content: 'hello' }
        const choices = [{ index: 0, message, finish_reason: 'stop' }]
        outgoing.writeHead(200, { 'content-type': 'application/json' })
        outgoing.end(JSON.stringify({ ...completion, choices }))
      }
    })
  })
  const port = await listenLocally(server)
  return { asked, url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

/** Runs in the page. All calls follow the SDKs' own documentation for browsers. */
const page = `
import OpenAI from 'openai'
import Anthropic from '@anthropic-ai/sdk'
import { downloadFile, listFiles, uploadFile } from '@huggingface/hub'

window.ask = async (gateway, token) => {
  const openai = new OpenAI({
    baseURL: gateway + '/text', apiKey: token, dangerouslyAllowBrowser: true, maxRetries: 0,
    organization: 'org-1', project: 'project-1', timeout: 8000,
    defaultHeaders: { 'HTTP-Referer': location.origin, 'X-Title': 'app' },
  })
  const messages = [{ role: 'user', content: 'hi' }]
  const whole = await openai.chat.completions.create({ model: 'm', messages })
  let streamed = ''
  for await (const part of await openai.chat.completions.create({ model: 'm', messages, stream: true })) {
    streamed += part.choices[0]?.delta.content ?? ''
  }
  const options = { baseURL: gateway + '/text/claude', dangerouslyAllowBrowser: true, maxRetries: 0, timeout: 8000 }
  const claude = async (credential) => {
    const message = await new Anthropic({ ...options, ...credential }).messages.create({ model: 'm', max_tokens: 9, messages })
    return message.content[0].text
  }
  const hub = { hubUrl: gateway, accessToken: token, repo: 'sdk/model' }
  await uploadFile({ ...hub, file: { path: 'note.json', content: new Blob(['{}']) } })
  const paths = []
  for await (const file of listFiles(hub)) paths.push(file.path)
  const blob = await downloadFile({ ...hub, path: 'weights.bin' })
  const part = new Uint8Array(await blob.slice(1000, 2000).arrayBuffer())
  return {
    whole: whole.choices[0].message.content,
    streamed,
    claude: await claude({ apiKey: null, authToken: token }),
    claudeWithKey: await claude({ apiKey: token, authToken: null }),
    paths,
    size: blob.size,
    part: Array.from(part),
  }
}
`

test('SDKs work in a page, and their preflights pass', async ({ page: tab }, info) => {
  const folder = info.outputPath('page')
  await build({
    root: join(import.meta.dirname, '..'),
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'virtual:page' ? '\0page' : undefined),
        load: (id) => (id === '\0page' ? page : undefined),
      },
    ],
    build: {
      outDir: folder,
      target: 'es2022',
      minify: false,
      rolldownOptions: {
        input: { sdks: 'virtual:page' },
        output: { entryFileNames: '[name].js', codeSplitting: false },
        onLog: () => {},
      },
    },
  })
  const models = await startModels()
  const site = await startSite()
  const digest = sha256(new TextEncoder().encode(token))
  const gateway = await startGateway({
    auth: { tokens: [{ sha256: digest, sub: 'user', tier: 'nectar', scope: ['write:*'] }] },
    services: [
      { name: 'hub', path: '/' },
      { name: 'text', path: '/text/', upstream: models.url },
    ],
  })
  try {
    const content = new Blob([bytes])
    const hub = { hubUrl: gateway.url, accessToken: token, repo: 'sdk/model' }
    await uploadFile({ ...hub, file: { path: 'weights.bin', content } })
    const script = await readFile(join(folder, 'sdks.js'))
    site.answers.set('/sdks.js', { headers: { 'content-type': 'text/javascript' }, body: script })
    const html = '<!doctype html><script type="module" src="/sdks.js"></script>'
    site.answers.set('/sdks', { headers: { 'content-type': 'text/html' }, body: Buffer.from(html) })
    await tab.goto(`${site.url}sdks`)
    const result = await tab.evaluate(
      ([url, key]) =>
        (
          globalThis as unknown as {
            ask: (url: string, key: string) => Promise<Record<string, unknown>>
          }
        ).ask(url, key),
      [gateway.url, token] as const,
    )
    expect(result).toEqual({
      whole: 'hello',
      streamed: 'hello',
      claude: 'hello from claude',
      claudeWithKey: 'hello from claude',
      paths: expect.arrayContaining(['note.json', 'weights.bin']) as unknown,
      size: bytes.length,
      part: [...bytes.subarray(1000, 2000)],
    })
    expect(models.asked).toHaveLength(4)
    for (const { headers } of models.asked) expect(JSON.stringify(headers)).not.toContain(token)
    expect(models.asked[0]!.headers).toMatchObject({ 'x-title': 'app' })
  } finally {
    await gateway.close()
    await site.close()
    models.close()
  }
})
