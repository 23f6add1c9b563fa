import { describe, expect, test } from 'vitest'
import type { FileInfo } from '../protocol/files.ts'
import type { Refusal } from '../protocol/files.ts'
import { answerHeaders } from './respond.ts'
import { contentTypeOf } from './respond.ts'
import { isFresh } from './kept-answers.ts'
import { plainBlocks } from './blocks.ts'
import { refusalFault } from './file-infos.ts'

const url = 'https://hub.example/me/m/resolve/main/model.onnx'
const info: FileInfo = { url, size: 20_000_000, content: 'etag:x', fetchedAt: 0, ranges: true }

function refusal(status: number, ...headers: [string, string][]): Refusal {
  return { status, statusText: '', headers, body: new Uint8Array() }
}

describe('contentTypeOf', () => {
  test.each([
    ['model.onnx', 'application/octet-stream'],
    ['ort.wasm', 'application/wasm'],
    ['ort.MJS', 'text/javascript'],
    ['config.json', 'application/json'],
    ['config.json?download=true', 'application/json'],
    ['vocab.txt', 'text/plain; charset=utf-8'],
    ['README', 'application/octet-stream'],
    ['model.onnx?x=a.json', 'application/octet-stream'],
  ])('%s', (name, type) => {
    expect(contentTypeOf(`https://hub.example/${name}`)).toBe(type)
  })
})

describe('answerHeaders', () => {
  test('repeat the headers of the hub that libraries read', () => {
    const known: FileInfo = {
      ...info,
      etag: '"one"',
      commit: 'c0ffee',
      sha256: 'ab',
      xetHash: 'cd',
      tokenUrl: 'https://hub.example/token',
    }
    expect(Object.fromEntries(answerHeaders(known, 'hit'))).toEqual({
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      etag: '"one"',
      link: '<https://hub.example/token>; rel="xet-auth"',
      'x-linked-etag': '"ab"',
      'x-linked-size': '20000000',
      'x-modelferry': 'hit',
      'x-repo-commit': 'c0ffee',
      'x-xet-hash': 'cd',
    })
  })

  test('omit unknown values', () => {
    expect([...answerHeaders(info, 'stream').keys()]).toEqual([
      'accept-ranges',
      'content-type',
      'x-linked-size',
      'x-modelferry',
    ])
  })
})

describe('isFresh', () => {
  const pinned = `https://hub.example/me/m/resolve/${'a'.repeat(40)}/model.onnx`
  const minute = 60_000
  test.each([
    ['a branch checked now', url, 0, true],
    ['a branch checked 4 minutes ago', url, 4 * minute, true],
    ['a branch checked 5 minutes ago', url, 5 * minute, false],
    ['a branch checked slightly in the future', url, -minute, true],
    ['a branch checked far in the future', url, -60 * minute, false],
    ['a commit checked a year ago', pinned, 525_600 * minute, true],
  ])('%s', (_, address, ago, fresh) => {
    expect(isFresh({ url: address, checkedAt: 1e12 - ago }, 1e12)).toBe(fresh)
  })

  test.each([
    ['a file that is missing in its commit', 'EntryNotFound', pinned, true],
    ['a missing file, possibly reported by a server in front', undefined, pinned, false],
    ['a commit that may be pushed later', 'RevisionNotFound', pinned, false],
    ['a repository that may be created later', 'RepoNotFound', pinned, false],
    ['a file that a branch may get later', 'EntryNotFound', url, false],
    ['a file that a server may get later', undefined, 'https://cdn.example/model.onnx', false],
  ])('an hour ago: %s', (_, code, address, fresh) => {
    const headers: [string, string][] = code === undefined ? [] : [['x-error-code', code]]
    const refusal = { status: 404, statusText: '', headers, body: new Uint8Array() }
    expect(isFresh({ url: address, checkedAt: 0, refusal }, 60 * minute)).toBe(fresh)
  })

  test.each([url, 'https://cdn.example/model.onnx'])(
    'that there is no file is never taken for granted where no commit is named: %s',
    (address) => {
      const none = refusal(404, ['x-error-code', 'EntryNotFound'])
      expect(isFresh({ url: address, checkedAt: 1e12, refusal: none }, 1e12)).toBe(false)
    },
  )
})

describe('refusalFault', () => {
  test.each([404, 410, 500, 200])('%i is an ordinary refusal', (status) => {
    expect(refusalFault(url, refusal(status), false)).toBeUndefined()
  })

  test.each([
    [404, 'not-found', ''],
    [404, 'not-found', '_2'],
    [503, 'http', ''],
  ])('%i is %s for external data of a model%s', (status, code, more) => {
    const data = `${new URL(url).origin}/a/b/resolve/main/onnx/model.onnx_data${more}`
    const fault = refusalFault(`${data}?token=hf_x`, refusal(status), false)
    expect(fault).toMatchObject({ code, status, url: data })
  })

  test.each([
    [401, false, 'unauthorized', 'Provide a token'],
    [401, true, 'unauthorized', 'use another one'],
    [403, true, 'forbidden', 'ask for access'],
  ])('%i with a token: %s', (status, hadToken, code, hint) => {
    const said = refusal(status, ['x-error-code', 'GatedRepo'], ['x-error-message', 'Ask first.'])
    const fault = refusalFault(`${url}?token=hf_x`, said, hadToken)
    expect(fault).toMatchObject({ code, status, errorCode: 'GatedRepo', url })
    expect(fault?.message).toContain('Ask first.')
    expect(fault?.message).toContain(hint)
  })
})

describe('plainBlocks', () => {
  const mebi = 2 ** 20

  test('are split into pieces when the server supports ranges', async () => {
    const blocks = plainBlocks(info, 'Bearer hf_x')
    const block = await blocks.open({ start: mebi, end: info.size }, {})
    expect(block.descriptors.map(({ bytes }) => [bytes.start / mebi, bytes.end])).toEqual([
      [1, 9 * mebi],
      [9, 17 * mebi],
      [17, info.size],
    ])
    expect(block.runs.map(({ offset, chunks }) => [offset / mebi, chunks])).toEqual([
      [1, { start: 1, end: 9 }],
      [9, { start: 9, end: 17 }],
      [17, { start: 17, end: 20 }],
    ])
    expect(blocks.headers({ start: 5, end: 9 })).toEqual({
      authorization: 'Bearer hf_x',
      range: 'bytes=5-8',
    })
    expect(blocks.usable(block, Date.now())).toBe(true)
  })

  test('request the whole file at once when it does not', async () => {
    const blocks = plainBlocks({ ...info, ranges: false }, undefined)
    const block = await blocks.open({ start: 5, end: 9 }, {})
    expect(block.range).toEqual({ start: 0, end: info.size })
    expect(block.descriptors).toHaveLength(1)
    expect(blocks.headers({ start: 0, end: info.size })).toEqual({})
    expect(blocks.splits).toBe(false)
  })
})
