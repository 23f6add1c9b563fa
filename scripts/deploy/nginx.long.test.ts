import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { downloadFile, uploadFile } from '@huggingface/hub'
import { expect, onTestFinished, test } from 'vitest'
import { aptSource } from '../browser/aptSource.ts'
import { obtainBrowser } from '../browser/obtainBrowser.ts'

const run = promisify(execFile)
const accessToken = 'hf_deployed'

function findNginx(): string | undefined {
  const paths = [
    process.env['NGINX_PATH'],
    '/usr/sbin/nginx',
    '/usr/bin/nginx',
    '/usr/local/sbin/nginx',
  ]
  return paths.find((path) => path !== undefined && existsSync(path))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

/** The server block of docs/deploy.md, with addresses and files of this test. */
async function nginxConfig(home: string, publicPort: number, hubPort: number): Promise<string> {
  const docs = await readFile(new URL('../../docs/deploy.md', import.meta.url), 'utf8')
  const block = /```nginx\n(.*?)```/s.exec(docs)![1]!
  const adapted = block
    .replace('listen 443 ssl', `listen 127.0.0.1:${publicPort} ssl`)
    .replace('/etc/ssl/models.example.pem', join(home, 'cert.pem'))
    .replace('/etc/ssl/models.example.key', join(home, 'key.pem'))
    .replace('http://127.0.0.1:8787', `http://127.0.0.1:${hubPort}`)
  for (const changed of [publicPort, hubPort]) expect(adapted).toContain(String(changed))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(home, name)};`)
    .join('\n')
  return `daemon off; pid ${join(home, 'pid')}; error_log ${join(home, 'error.log')};
events {}
http { access_log off; ${temporary}
${adapted} }`
}

function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
  })
  return child
}

test('behind the nginx of docs/deploy.md, clients upload and download over TLS, presigned URLs too', async () => {
  const nginx = await obtainBrowser({ name: 'nginx', variables: ['NGINX_PATH'] }, findNginx, [
    aptSource('nginx-light', 'openssl'),
  ])
  const home = await mkdtemp(join(tmpdir(), 'modelferry-nginx-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const certificate = ['-keyout', join(home, 'key.pem'), '-out', join(home, 'cert.pem')]
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    ...certificate,
  ])
  const [publicPort, hubPort] = [await freePort(), await freePort()]
  const hubUrl = `https://localhost:${publicPort}`
  await writeFile(join(home, 'nginx.conf'), await nginxConfig(home, publicPort, hubPort))

  const token = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))
  const sha256 = Buffer.from(token).toString('hex')
  const config = {
    publicUrl: hubUrl,
    auth: { tokens: [{ sha256, sub: 'u1', tier: 'nectar', scope: ['write:*'] }] },
    network: { trustedProxies: ['127.0.0.1/32'] },
  }
  await writeFile(join(home, 'gateway.json'), JSON.stringify(config))
  const options =
    `--port ${hubPort} --storage-port 0 --url ${hubUrl} --config ${join(home, 'gateway.json')}`.split(
      ' ',
    )
  const program = ['--import', 'tsx', 'src/cli/index.ts', 'serve', join(home, 'hub')]
  const hub = start(process.execPath, [...program, ...options])
  expect(String((await once(hub.stdout!, 'data'))[0])).toContain(
    `at ${hubUrl} (storage at ${hubUrl})`,
  )
  start(nginx, ['-c', join(home, 'nginx.conf'), '-p', home])
  // The certificate is self-signed.
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  onTestFinished(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  })
  await expect
    .poll(async () => (await fetch(`${hubUrl}/.well-known/modelferry-policy`)).status, {
      timeout: 10_000,
    })
    .toBe(200)

  const bytes = new Uint8Array(20 * 1024 * 1024).map((_, at) => (at * 2654435761) >>> 23)
  const repo = 'me/model'
  for (const useXet of [true, false]) {
    const path = `${useXet}.bin`
    const file = { path, content: new Blob([bytes.map((byte) => (useXet ? byte : byte ^ 1))]) }
    await uploadFile({ repo, hubUrl, accessToken, useXet, file })
    const response = await fetch(`${hubUrl}/${repo}/resolve/main/${path}`, { redirect: 'manual' })
    expect(new URL(response.headers.get('location')!).origin).toBe(hubUrl)
    const sent = Buffer.from(await file.content.arrayBuffer())
    const whole = await fetch(`${hubUrl}/${repo}/resolve/main/${path}`)
    expect(sent.compare(new Uint8Array(await whole.arrayBuffer()))).toBe(0)
    if (useXet) {
      const blob = await downloadFile({ repo, hubUrl, path })
      expect(sent.compare(new Uint8Array(await blob!.arrayBuffer()))).toBe(0)
    }
    const part = await fetch(`${hubUrl}/${repo}/resolve/main/${path}`, {
      headers: { range: 'bytes=5-9' },
    })
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 5])
  }
  for (const path of ['/metrics', '/usage']) expect((await fetch(hubUrl + path)).status).toBe(404)
  const ended = once(hub, 'exit')
  hub.kill('SIGTERM')
  await ended
  const restarting = await fetch(`${hubUrl}/api/models`)
  expect([restarting.status, restarting.headers.get('retry-after')]).toEqual([503, '5'])
})
