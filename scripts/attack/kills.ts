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
