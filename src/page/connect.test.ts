import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { AnsweringChannel, Channel } from '../protocol/index.ts'
import { connect, keepShell } from './connect.ts'

afterEach(() => void vi.unstubAllGlobals())

test('outside of a page, as in Node, connect() rejects with a clear error', async () => {
  await expect(connect()).rejects.toMatchObject({ name: 'FerryError', code: 'unsupported' })
  await expect(connect({ serviceWorker: false })).rejects.toThrow('in the page of a browser only')
})

test('the query of the navigation, which may contain a one-time code, is not sent again', async () => {
  const origin = 'https://app.example'
  const controller = { scriptURL: `${origin}/modelferry-sw.js` }
  vi.stubGlobal('location', { href: `${origin}/welcome?code=once#top` })
  vi.stubGlobal('navigator', { serviceWorker: { controller } })
  const [worker, page] = [new AnsweringChannel('keep-shell'), new Channel('keep-shell')]
  onTestFinished(() => [worker, page].forEach((channel) => channel.close()))
  const kept: string[] = []
  worker.answer({ shell: async ({ urls }) => kept.push(...urls) })
  await keepShell(page, { origin, hubs: [], files: [], shell: [`${origin}/*`] })
  expect(kept).toEqual([`${origin}/welcome`])
})

test('files of the app that were loaded with a token are not named to other pages', async () => {
  const origin = 'https://app.example'
  const controller = { scriptURL: `${origin}/modelferry-sw.js` }
  vi.stubGlobal('location', { href: `${origin}/` })
  vi.stubGlobal('navigator', { serviceWorker: { controller } })
  const names = ['a.js?v=1', 'b.js?access_token=t', 'c.js?X-Amz-Signature=s', 'd.css#x']
  const entries = names.map((name) => ({ name: `${origin}/${name}` }))
  vi.stubGlobal('performance', { getEntriesByType: () => entries, now: () => 0 })
  const [worker, page] = [new AnsweringChannel('no-tokens'), new Channel('no-tokens')]
  onTestFinished(() => [worker, page].forEach((channel) => channel.close()))
  const kept: string[] = []
  worker.answer({ shell: async ({ urls }) => kept.push(...urls) })
  await keepShell(page, { origin, hubs: [], files: [], shell: [`${origin}/*`] })
  expect(kept).toEqual([`${origin}/`, `${origin}/a.js?v=1`, `${origin}/d.css`])
})
