// Clients that know HTTP and nothing of hubs: curl, wget, aria2c and rclone, each as installed from Debian.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { aptSource } from '../../scripts/browser/aptSource.ts'
import { obtainBrowser } from '../../scripts/browser/obtainBrowser.ts'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'

const run = promisify(execFile)

/** Finds a program, or installs it. @throws Error that says why it cannot be had: nothing is skipped */
async function obtain(name: string, debianPackage: string): Promise<string> {
  const find = (): string | undefined =>
    [`/usr/bin/${name}`, `/usr/local/bin/${name}`].find((path) => existsSync(path))
  const variables = [`${name.toUpperCase()}_PATH`] as const
  return obtainBrowser({ name, variables }, find, [aptSource(debianPackage)])
}

async function openShelf() {
  const hub = await startTestHub({ listings: true, private: ['me/secret'] })
  const model = await putModel(hub)
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-plain-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const root = `${hub.url}/me/vad/resolve/main/`
  const call = (program: string, ...args: readonly string[]) =>
    run(program, args, { cwd: folder, timeout: 60_000 })
  const same = async (path: string): Promise<void> => {
    expect(Buffer.compare(await readFile(join(folder, path)), model), path).toBe(0)
  }
  return { hub, model, folder, root, call, same }
}

test('wget names a file as the hub does, goes on with a part of it, and fetches a folder', async () => {
  const wget = await obtain('wget', 'wget')
  const { root, folder, call, same } = await openShelf()
  await call(wget, '-q', '--content-disposition', `${root}model.onnx`)
  await same('model.onnx')
  await call('truncate', '-s', '1000', 'model.onnx')
  await call(wget, '-q', '-c', `${root}model.onnx`)
  await same('model.onnx')
  await call(wget, '-q', '-r', '-np', '-nH', '--cut-dirs=4', '-P', 'tree', root)
  await same('tree/model.onnx')
  expect(await readdir(join(folder, 'tree'))).toContain('model.onnx')
})

test('curl names a file as the hub does, and asks only for what has changed', async () => {
  const curl = await obtain('curl', 'curl')
  const { root, folder, call, same } = await openShelf()
  await call(curl, '-sfLOJ', `${root}model.onnx`)
  await same('model.onnx')
  await call(curl, '-sfLO', '--etag-save', 'etag', `${root}model.onnx`)
  const { stdout } = await call(
    curl,
    '-sfL',
    '--etag-compare',
    'etag',
    '-o',
    'again',
    '-w',
    '%{http_code}',
    `${root}model.onnx`,
  )
  expect(stdout).toBe('304')
  await expect(stat(join(folder, 'again'))).rejects.toThrow()
})

test('aria2c fetches a file by several connections', async () => {
  const aria2c = await obtain('aria2c', 'aria2')
  const { root, call, same } = await openShelf()
  await call(aria2c, '-q', '-x', '4', '-s', '4', '-k', '1M', `${root}model.onnx`)
  await same('model.onnx')
})

test('rclone lists and copies a repository, and sees none that is private', async () => {
  const rclone = await obtain('rclone', 'rclone')
  const { hub, model, root, call, same } = await openShelf()
  const plain = ['--config', '/dev/null', '--http-url']
  const { stdout } = await call(rclone, 'lsf', '--format', 'ps', ':http:', ...plain, root)
  expect(stdout.split('\n')).toContain(`model.onnx;${model.length}`)
  await call(rclone, 'copy', ':http:', 'copied', ...plain, root)
  await same('copied/model.onnx')
  const secret = `${hub.url}/me/secret/resolve/main/`
  await expect(call(rclone, 'lsf', ':http:', ...plain, secret, '--retries', '1')).rejects.toThrow()
})
