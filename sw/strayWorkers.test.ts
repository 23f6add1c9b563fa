import { expect, test } from 'vitest'
import { type Seen, strayWorkers } from './stray-workers.ts'

const scope = 'https://app.example/demo/'
const page: Seen = { id: 'page', type: 'window', url: scope }
const blob: Seen = { id: 'blob', type: 'worker', url: 'blob:https://app.example/1' }
const file: Seen = { id: 'file', type: 'worker', url: `${scope}worker.js` }

const elsewhere: Seen = { ...file, url: 'https://app.example/lib/worker.js' }
const shared: Seen = { ...blob, type: 'sharedworker' }
const itself: Seen = { id: 'sw', type: 'serviceworker' as ClientTypes, url: `${scope}sw.js` }
const stranger: Seen = { ...page, id: 'stranger' }

test.each<[string, Seen[], Seen[], Seen[]]>([
  ['all is ours', [page, blob, file], [page, blob, file], []],
  ['a worker of a blob was early', [page, blob, file], [page, file], [blob]],
  ['so was one of a file', [page, blob, file], [page], [blob, file]],
  ['a worker whose file lies elsewhere', [page, elsewhere], [page], []],
  ['what is no worker of a page', [page, shared, itself], [page], []],
  ['a page that is not ours may be the one it belongs to', [page, stranger, blob], [page], []],
])('%s', (_, all, ours, strays) => {
  expect(strayWorkers(all, ours, scope)).toEqual(strays)
})
