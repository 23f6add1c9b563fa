import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { Page } from '@playwright/test'
import { startDemo } from '../demo/server/startDemo.ts'

/** Types a text and returns what the page reads. */
async function read(page: Page, words: string): Promise<string> {
  await expect(page.getByTestId('status')).toHaveAttribute('data-state', 'ready', {
    timeout: 30_000,
  })
  await page.getByTestId('words').fill(words)
  await page.getByTestId('read').click()
  const answer = page.getByTestId('answer')
  await expect(answer).toHaveText(/\S/)
  await expect(answer).not.toHaveAttribute('data-stale')
  await expect(page.getByTestId('status')).toHaveAttribute('data-state', 'ready')
  return (await answer.textContent()) ?? ''
}

/** Times in the demo's own clip, in seconds, and whether there is speech. At 2.9 a bell rings. */
const CLIP = [
  [0.3, false],
  [1.5, true],
  [2.9, false],
  [3.8, false],
  [5, true],
  [6, false],
] as const

/** Expects Silero's result for the demo's own clip, as text and as a curve. */
async function expectHeard(page: Page): Promise<void> {
  await expect(page.getByTestId('hear')).toHaveAttribute('data-state', 'ready', { timeout: 30_000 })
  await expect(page.getByTestId('heard')).toHaveText(
    /^Speech from 0\.[67] to 2\.[34] s and from 4\.[34] to 5\.[67] s\.$/,
  )
  for (const [seconds, speech] of CLIP) {
    await page.getByTestId('position').fill(String(seconds))
    const at = (await page.getByTestId('at').textContent()) ?? ''
    const [, percent] = /^[\d.]+ s: speech (\d+) %$/.exec(at) ?? []
    if (speech) expect(Number(percent), at).toBeGreaterThan(90)
    else expect(Number(percent), at).toBeLessThan(10)
  }
}

/** A file to open: two seconds of a stereo tone, unlike any microphone recording. */
function makeTone(): Buffer {
  const [rate, seconds, bytes] = [44_100, 2, 4]
  const file = Buffer.alloc(44 + rate * seconds * bytes)
  file.write('RIFF')
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(2, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * bytes, 28)
  file.writeUInt16LE(bytes, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(file.length - 44, 40)
  for (let at = 0; at < rate * seconds; at += 1) {
    const sample = Math.round(9000 * Math.sin((2 * Math.PI * 440 * at) / rate))
    file.writeInt16LE(sample, 44 + at * bytes)
    file.writeInt16LE(sample, 46 + at * bytes)
  }
  return file
}

/** Opens the visitor's own clips, and expects errors for other files. */
async function expectOtherClips(page: Page): Promise<void> {
  const recording = page.getByTestId('recording')
  const fault = page.getByTestId('hear-fault')
  await recording.setInputFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: makeTone() })
  await expect(page.getByTestId('clip')).toHaveText('a.wav')
  await expect(page.getByTestId('heard')).toHaveText('No speech.')
  await expect(page.getByTestId('heard-figures')).toContainText('0.0 of 2.0 s, 62 windows')

  const text = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('no sound') }
  await recording.setInputFiles(text)
  await expect(fault).toContainText(
    'a.txt is not a sound file that this browser can play: open a WAV',
  )
  await expect(page.getByTestId('clip')).toHaveText('a.wav')

  // This browser has no microphone, or may not use it.
  await page.getByTestId('record').click()
  await expect(fault).toContainText('microphone')
  await expect(page.getByTestId('record')).toHaveText('Record')

  await page.getByTestId('builtin').click()
  await expect(fault).toBeEmpty()
  await expectHeard(page)
  await page.getByTestId('position').fill('0')
  await page.getByTestId('play').click()
  await expect(page.getByTestId('play')).toHaveText('Pause')
  await expect.poll(async () => await page.getByTestId('position').inputValue()).not.toBe('0')
  await page.getByTestId('play').click()
  await expect(page.getByTestId('play')).toHaveText('Play')
}

test('the demo reads and hears: cold, after a reload, and offline', async ({ page }) => {
  // A runtime of 14 MB starts five times, on any machine.
  test.setTimeout(120_000)
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-demo-'))
  const ports = { port: 0, hubPort: 0, storagePort: 0 }
  const demo = await startDemo({ ...ports, folder, urlLifetimeMs: 60_000 })
  try {
    const { log } = demo.hub.hub
    const kinds = (): string[] => log.entries.map(({ kind }) => kind)
    const models = (): string[] =>
      kinds().filter((kind) => ['resolve', 'token', 'reconstruction', 'xorb', 'lfs'].includes(kind))

    log.clear()
    await page.goto(demo.url)
    expect(await read(page, 'Hello 2026')).toBe('Hello 2026')
    expect(kinds()).toEqual(expect.arrayContaining(['token', 'reconstruction', 'xorb']))
    await expect(page.getByTestId('log')).toContainText('service worker (stream)')
    await expectHeard(page)
    const ear = page.getByTestId('file-silero_vad.onnx')
    await expect(ear).toHaveAttribute('data-source', 'stream')
    await expect(ear).toHaveAttribute('data-state', 'held')

    log.clear()
    await page.reload()
    expect(await read(page, 'Ahoy 42')).toBe('Ahoy 42')
    await expect(page.getByTestId('log')).toContainText('service worker (hit)')
    await expectHeard(page)
    await expect(ear).toHaveAttribute('data-source', 'hit')
    expect(models()).toEqual([])

    await demo.close()
    await page.context().setOffline(true)
    await page.reload()
    expect(await read(page, 'Hello 2026')).toBe('Hello 2026')
    await expect(page.getByTestId('log')).toContainText('service worker (hit)')
    await expectHeard(page)
    await expect(ear).toHaveAttribute('data-source', 'hit')
    await expectOtherClips(page)
  } finally {
    await demo.close()
    await rm(folder, { recursive: true, force: true })
  }
})
