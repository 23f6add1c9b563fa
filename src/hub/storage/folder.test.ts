import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openSecrets } from '../signing.ts'
import { commandToOwn, type Folder, openFolder, receive } from './folder.ts'

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'modelferry-folder-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  return root
}

async function opened(root: string): Promise<Folder> {
  const folder = await openFolder(root)
  onTestFinished(() => folder.close())
  return folder
}

/** Writes a lock file like a process. */
async function writeLock(root: string, holder: object): Promise<void> {
  const text = { pid: 1, host: 'elsewhere', since: 'a while ago', place: 'p', ticks: null, id: 'x' }
  await writeFile(join(root, 'lock'), JSON.stringify({ ...text, ...holder }))
}

describe('one hub at a time', () => {
  test('a second one in the same process is refused, until the first one has closed', async () => {
    const root = await makeRoot()
    const first = await opened(root)
    await expect(openFolder(root)).rejects.toThrow(
      `The folder ${root} is in use by process ${process.pid} on `,
    )
    await first.close()
    await opened(root)
  })

  test('the lock of a dead process is taken over at once', async () => {
    const root = await makeRoot()
    await (await openFolder(root)).close()
    const own = await openFolder(root)
    const lock = JSON.parse(await readFile(join(root, 'lock'), 'utf8')) as object
    await own.close()
    await writeLock(root, { ...lock, pid: 2 ** 30 })
    await opened(root)
    // A later process may have the same id, as in a restarted container.
    const other = await makeRoot()
    if (process.platform === 'linux') {
      await writeLock(other, { ...lock, ticks: '1' })
      await opened(other)
    }
  })

  test('a holder that cannot be looked up keeps the folder while its heartbeat continues', async () => {
    const root = await makeRoot()
    await writeLock(root, {})
    const beating = setInterval(() => void writeLock(root, {}), 300)
    onTestFinished(() => clearInterval(beating))
    await expect(openFolder(root)).rejects.toThrow('process 1 on elsewhere, since a while ago')
  })

  test('a hub whose folder was taken over stops writing', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const root = await makeRoot()
    const lost = vi.fn<() => void>()
    const folder = await openFolder(root, lost)
    await writeLock(root, {})
    await vi.advanceTimersByTimeAsync(2000)
    await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce())
    await expect(folder.write(folder.path('a'), 'x')).rejects.toMatchObject({ status: 503 })
    await folder.close()
    expect(JSON.parse(await readFile(join(root, 'lock'), 'utf8'))).toMatchObject({ pid: 1 })
  })
})

// Windows has no file modes: Node reports 0666 or 0444 there, whatever was set.
describe.skipIf(process.platform === 'win32')('only its owner can read it', () => {
  const modeOf = async (path: string): Promise<string> =>
    ((await stat(path)).mode & 0o777).toString(8)

  test('a new or empty folder gets 0700, and the secrets 0600', async () => {
    const parent = await makeRoot()
    await mkdir(join(parent, 'empty'), { mode: 0o755 })
    for (const name of ['new', 'empty']) {
      const folder = await opened(join(parent, name))
      await openSecrets(folder)
      expect(await modeOf(folder.path())).toBe('700')
      expect(await modeOf(folder.path('secrets.json'))).toBe('600')
      await (await openSecrets(folder)).nextEpoch()
      expect(await modeOf(folder.path('secrets.json'))).toBe('600')
    }
  })

  test('wider permissions are refused with the command that corrects them', async () => {
    const root = join(await makeRoot(), "it's models")
    const folder = await openFolder(root)
    await openSecrets(folder)
    await folder.close()
    const quoted = `'${root.replace("'", String.raw`'\''`)}'`
    await chmod(root, 0o750)
    await expect(openFolder(root)).rejects.toThrow(`Run: chmod 700 ${quoted}.`)
    await chmod(join(root, 'secrets.json'), 0o604)
    await expect(openFolder(root)).rejects.toThrow(`Run: chmod 700 ${quoted} && chmod 600 `)
    await chmod(root, 0o700)
    await chmod(join(root, 'secrets.json'), 0o600)
    await opened(root)
  })
})

test('a folder of another user is given to the service user before others are locked out', () => {
  expect(commandToOwn('/srv/hub', 1000, 1001)).toBe('chown -R 1001 /srv/hub && ')
  expect(commandToOwn('/srv/hub', 1001, 1001)).toBe('')
  expect(commandToOwn('/srv/hub', 1000, 0)).toBe('')
})

describe('writes', () => {
  /** Makes every write to a file partial, or fail, like on a full disk. */
  async function breakDisk(after: number): Promise<void> {
    const probe = await makeRoot()
    const { open } = await import('node:fs/promises')
    const file = await open(join(probe, 'x'), 'w')
    const handle = Object.getPrototypeOf(file) as {
      write: (...args: unknown[]) => Promise<unknown>
      writeFile: (...args: unknown[]) => Promise<unknown>
    }
    await file.close()
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const write = handle.writeFile
    let left = after
    vi.spyOn(handle, 'writeFile').mockImplementation(async function (this: unknown, data) {
      const bytes = Buffer.from(data as Uint8Array)
      await write.call(this, bytes.subarray(0, left))
      if (bytes.length > left) throw full
      left -= bytes.length
    })
    onTestFinished(() => void vi.restoreAllMocks())
  }

  test('a full disk is 507 with a message, and leaves no file', async () => {
    const folder = await opened(await makeRoot())
    await breakDisk(10)
    const refusal = { status: 507, message: expect.stringContaining('disk is full') as string }
    await expect(folder.write(folder.path('a', 'b'), 'x'.repeat(11))).rejects.toMatchObject(refusal)
    const body = new Blob([new Uint8Array(100)]).stream()
    await expect(receive(body, folder, 1000)).rejects.toMatchObject(refusal)
    expect(await readdir(folder.path('unfinished'))).toEqual([])
    expect(await readdir(folder.path())).not.toContain('a')
  })

  test('a body that is too long, or incomplete, leaves no file', async () => {
    const folder = await opened(await makeRoot())
    const long = new Blob([new Uint8Array(100)]).stream()
    await expect(receive(long, folder, 99)).rejects.toMatchObject({ status: 413 })
    let sent = false
    const broken = new ReadableStream<Uint8Array>({
      pull(stream) {
        if (sent) stream.error(new Error('gone'))
        else stream.enqueue(new Uint8Array(10))
        sent = true
      },
    })
    await expect(receive(broken, folder, 99)).rejects.toThrow('gone')
    expect(await readdir(folder.path('unfinished'))).toEqual([])
  })

  test('a file that cannot be moved to its path leaves no file', async () => {
    const folder = await opened(await makeRoot())
    await writeFile(folder.path('file'), '')
    await expect(folder.write(folder.path('file', 'below'), 'x')).rejects.toThrow(/EEXIST|ENOTDIR/)
    expect(await readdir(folder.path('unfinished'))).toEqual([])
  })
})
