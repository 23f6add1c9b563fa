// Kills the server during commits, like a power failure or the kernel, and checks the stored files.

import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { downloadFile, uploadFile } from '@huggingface/hub'

const client = { repo: 'attack/kills', accessToken: 'hf_kills' }

async function serve(folder: string): Promise<{ child: ChildProcess; hubUrl: string }> {
  const args = ['dist/cli.js', 'serve', folder, '--port', '0', '--open']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const hubUrl = / at (http:\S+) \(storage/.exec(line)?.[1]
    if (hubUrl !== undefined) return { child, hubUrl }
  }
  throw new Error('The server did not start.')
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Versions share no bytes, so that none is stored before it is uploaded. */
function bytesOf(version: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: 400_000 },
    (_, at) => Math.imul(at + version * 7919, 2_654_435_761) >>> 23,
  )
}

/**
 * Kills the server at moments that are spread over an upload and starts it again each time. In the end it compares
 * the confirmed versions with the stored ones.
 *
 * @param times number of kills
 */
export async function killsDuringCommits(times: number): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'modelferry-kills-'))
  const folder = path.join(home, 'models')
  const confirmed: number[] = []
  const upload = async (hubUrl: string, version: number): Promise<void> => {
    const file = { path: `${version}.bin`, content: new Blob([bytesOf(version)]) }
    await uploadFile({ ...client, hubUrl, file })
    confirmed.push(version)
  }
  try {
    let { child, hubUrl } = await serve(folder)
    const begun = performance.now()
    await upload(hubUrl, 0)
    const takes = performance.now() - begun
    for (let at = 1; at <= times; at++) {
      const uploading = upload(hubUrl, at).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, (takes * at) / times))
      await kill(child)
      await uploading
      ;({ child, hubUrl } = await serve(folder))
      assert.deepEqual(await readdir(path.join(folder, 'unfinished')), [])
    }
    // An interrupted upload can be repeated.
    for (let at = 1; at <= times; at++) if (!confirmed.includes(at)) await upload(hubUrl, at)
    const again = confirmed.length - new Set(confirmed).size
    assert.equal(again, 0)
    for (const version of confirmed) {
      const blob = await downloadFile({ ...client, hubUrl, path: `${version}.bin` })
      assert.ok(blob, `version ${version} was confirmed and is missing`)
      const got = Buffer.from(await blob.arrayBuffer())
      assert.ok(got.equals(bytesOf(version)), `version ${version} has other bytes`)
    }
    await kill(child)
    return `${times} kills within ${takes.toFixed(0)} ms of an upload; all ${confirmed.length} files are whole`
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/**
 * Kills the server while repositories are created, changed, squashed, copied, moved and deleted, and starts it again each
 * time: what was confirmed is there, with its content, and private.
 *
 * @param times number of kills
 */
export async function killsDuringChanges(times: number): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'modelferry-kills-'))
  const folder = path.join(home, 'models')
  /** The confirmed files of each repository. */
  const confirmed = new Map<string, readonly string[]>()
  let files = 0
  try {
    for (let at = 0; at <= times; at++) {
      const { child, hubUrl } = await serve(folder)
      for (const [name, held] of confirmed) {
        files += held.length
        await checkRepository(hubUrl, name, held)
      }
      let over = false
      const kinds = ['squash', 'copy', 'move', 'delete', 'keep'] as const
      const changing = kinds.map((kind) =>
        change(hubUrl, `attack/${kind}-${at}`, { kind, confirmed, isOver: () => over }),
      )
      await new Promise((resolve) => setTimeout(resolve, 500 + 170 * at))
      over = true
      await kill(child)
      await Promise.all(changing)
    }
    return `${times} kills; ${confirmed.size} repositories are whole and private, ${files} files compared`
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function call(hubUrl: string, method: string, to: string, body?: object): Promise<boolean> {
  const headers = { authorization: `Bearer ${client.accessToken}` }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  // The server may be gone.
  const response = await fetch(hubUrl + to, init).catch(() => undefined)
  await response?.arrayBuffer().catch(() => undefined)
  return response?.ok === true
}

/** Changes one repository until it is told to stop, and records what was confirmed. */
async function change(
  hubUrl: string,
  begun: string,
  {
    kind,
    confirmed,
    isOver,
  }: {
    readonly kind: 'squash' | 'copy' | 'move' | 'delete' | 'keep'
    readonly confirmed: Map<string, readonly string[]>
    readonly isOver: () => boolean
  },
): Promise<void> {
  let name = begun
  for (let at = 0; !isOver(); at++) {
    const made = await call(hubUrl, 'POST', '/api/repos/create', { name, private: true })
    const held = confirmed.get(name) ?? []
    if (made) confirmed.set(name, held)
    const file = `${at}.txt`
    const line = { key: 'file', value: { path: file, content: file } }
    const of = `/api/models/${name}`
    if (!(await call(hubUrl, 'POST', `${of}/commit/main`, line))) continue
    const files = [...held, file]
    confirmed.set(name, files)
    const next = `${begun}-${at}`
    if (kind === 'squash') await call(hubUrl, 'POST', `${of}/super-squash/main`, {})
    if (kind === 'copy' && (await call(hubUrl, 'POST', `${of}/duplicate`, { repository: next }))) {
      confirmed.set(next, files)
    }
    if (kind === 'move' || kind === 'delete') confirmed.delete(name)
    if (kind === 'delete') await call(hubUrl, 'DELETE', '/api/repos/delete', { name })
    const body = { fromRepo: name, toRepo: next }
    if (kind === 'move' && (await call(hubUrl, 'POST', '/api/repos/move', body))) {
      confirmed.set(next, files)
      name = next
    }
  }
}

async function checkRepository(
  hubUrl: string,
  name: string,
  files: readonly string[],
): Promise<void> {
  const headers = { authorization: `Bearer ${client.accessToken}` }
  const response = await fetch(`${hubUrl}/api/models/${name}/tree/main`, { headers })
  assert.equal(response.status, 200, `${name} is lost`)
  const paths = ((await response.json()) as { path: string }[]).map(({ path: at }) => at)
  for (const file of files) assert.ok(paths.includes(file), `${name} has lost ${file}`)
  const last = files.at(-1)
  if (last !== undefined) {
    const bytes = await fetch(`${hubUrl}/${name}/resolve/main/${last}`, { headers })
    assert.equal(await bytes.text(), last)
  }
  const stranger = await fetch(`${hubUrl}/api/models/${name}`)
  assert.equal(stranger.status, 401, `${name} is public`)
}
