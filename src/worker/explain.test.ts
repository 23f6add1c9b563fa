import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { explain, Explainer, type Facts } from './explain.ts'
import { Channel } from '../protocol/channel.ts'
import { Bypass } from '../transfer/page-request.ts'
import type { FileSource } from '../transfer/index.ts'
import type { Explanation, FileInfo } from '../data/index.ts'

const url = 'https://hub.example/o/r/resolve/main/a.onnx'
const info: FileInfo = { url, size: 100, content: 'xet:1', fetchedAt: 0 }
const xet = { ...info, xetHash: '1'.repeat(64), sha256: '2'.repeat(64), commit: '3'.repeat(40) }

const refusal = {
  status: 404,
  headers: [['x-error-message', 'No file']],
  body: new Uint8Array(),
} as const

function factsOf(facts: Partial<Facts>): Facts {
  return { url, kind: 'file', control: 'ours', secret: false, pauseMs: 0, xet: true, ...facts }
}

type Row = [
  what: string,
  facts: Partial<Facts>,
  from: Explanation['from'],
  proven: Explanation['proven'],
  reason: string,
]

describe('what modelferry answers, from where, and what proves it', () => {
  test.each<Row>([
    [
      'a whole file',
      { answer: { info: xet }, held: { state: 'complete', proof: 'xet', held: 100 } },
      'device',
      'xet',
      'on the device',
    ],
    [
      'a complete file with a SHA-256',
      { answer: { info: xet }, held: { state: 'complete', proof: 'sha256', held: 100 } },
      'device',
      'sha256',
      'on the device',
    ],
    [
      'a complete file without a proof',
      { answer: { info }, held: { state: 'complete', proof: 'length', held: 100 } },
      'device',
      'no',
      'on the device',
    ],
    [
      'a complete file of a passed-through repository',
      {
        answer: { info: xet },
        bypass: 'No.',
        held: { state: 'complete', proof: 'xet', held: 100 },
      },
      'device',
      'xet',
      'on the device',
    ],
    ['a file on Xet', { answer: { info: xet } }, 'storage', 'xet', 'It comes in chunks'],
    [
      'the rest of a file on Xet',
      { answer: { info: xet }, held: { state: 'partial', held: 40 } },
      'storage',
      'xet',
      '40 of 100 bytes',
    ],
    [
      'a file on Xet with xet: false',
      { answer: { info: xet }, xet: false },
      'hub',
      'sha256',
      'its own URL.',
    ],
    [
      'a file of a hub',
      { answer: { info: { ...info, sha256: '2', commit: '3', ranges: true } } },
      'hub',
      'sha256',
      'its own URL.',
    ],
    [
      'a file of another server',
      { answer: { info: { ...info, ranges: true } } },
      'plain',
      'no',
      'No hash proves it',
    ],
    ['one without ranges', { answer: { info } }, 'plain', 'no', 'offers no ranges'],
    ['a refusal', { answer: { refusal } }, 'hub', 'no', 'hub.example answers 404 (No file)'],
    [
      'a refusal of another server',
      { url: 'https://cdn.example/a.onnx', answer: { refusal } },
      'plain',
      'no',
      'cdn.example answers 404',
    ],
    ['a listing', { kind: 'metadata' }, 'hub', 'no', 'listing'],
    ['a runtime', { kind: 'runtime' }, 'plain', 'no', 'runtime'],
  ])('%s', (_, facts, from, proven, reason) => {
    const answer = explain(factsOf(facts))
    expect(answer).toMatchObject({ carried: true, from, proven })
    expect(answer.reasons.join(' ')).toContain(reason)
  })
})

describe("where the page's own request is made, and why", () => {
  test.each<[what: string, facts: Partial<Facts>, reason: string]>([
    ['another URL', { kind: undefined }, 'matches no hub of `hubs`'],
    [
      'the web page of a file',
      { kind: undefined, url: 'https://hub.example/o/r/blob/main/a.onnx' },
      '"/resolve/" in place of "/blob/"',
    ],
    [
      'a policy',
      {
        answer: {
          error: {
            code: 'policy',
            message: 'Add "connect-src https://h" to it.',
            retryable: false,
          },
        },
      },
      'connect-src',
    ],
    [
      'no-store',
      {
        answer: {
          error: { code: 'unsupported', message: 'Cache-Control says no-store.', retryable: false },
        },
      },
      'no-store',
    ],
    [
      'a server that uses cookies',
      { answer: { info }, passed: 'the server answers by cookies' },
      'by cookies',
    ],
    [
      'a repository that is passed through',
      { answer: { info: xet }, bypass: 'cas.example answered 403.' },
      'cas.example answered 403.',
    ],
    [
      'no proof without Xet',
      { answer: { info: { ...xet, sha256: undefined } as never }, xet: false },
      'no SHA-256',
    ],
    ['an unknown answer', {}, 'Nothing is known'],
  ])('%s', (_, facts, reason) => {
    const answer = explain(factsOf(facts))
    expect(answer).toMatchObject({ carried: false, from: 'network', proven: 'no' })
    expect(answer.reasons[0]).toContain(reason)
    expect(answer.reasons[0]).toContain('own request is made instead')
  })
})

test.each([
  ['none', 'No service worker'],
  ['foreign', "none: the site's data was cleared"],
] as const)(
  "without control (%s) the page's own request is not carried; ferry.fetch may be",
  (control, reason) => {
    const held = { state: 'complete', proof: 'xet', held: 100 } as const
    const answer = explain(factsOf({ answer: { info: xet }, held, control }))
    expect(answer).toMatchObject({ carried: false, from: 'network', proven: 'no' })
    expect(answer.reasons[0]).toContain(reason)
    expect(answer.reasons[1]).toBe('ferry.fetch: The whole file is on the device.')
    const listing = explain(factsOf({ kind: 'metadata', control }))
    expect(listing).toMatchObject({ carried: false, from: 'network' })
    expect(listing.reasons).toHaveLength(1)
  },
)

describe('further reasons', () => {
  test.each<[what: string, facts: Partial<Facts>, reason: string]>([
    ['no service worker', { control: 'none' }, 'only ferry.fetch'],
    ['another service worker', { control: 'foreign' }, 'Another service worker'],
    ['a secret in the URL', { secret: true }, 'is not stored'],
    ['a pause', { pauseMs: 4200 }, 'a pause; 4 s'],
  ])('%s', (_, facts, reason) => {
    expect(explain(factsOf({ answer: { info: xet }, ...facts })).reasons.join(' ')).toContain(
      reason,
    )
    expect(explain(factsOf({ answer: { info: xet } })).reasons).toHaveLength(1)
  })
})

/** @param info what the engine says about a file */
function explainer(
  debug: boolean,
  info: FileSource['info'] = async () => ({ info: xet }),
): Explainer {
  return new Explainer({
    channel: new Channel(`explain-${crypto.randomUUID()}`),
    patterns: { hubs: ['https://hub.example'], files: [] },
    ping: undefined,
    settings: { xet: true, debug },
    isFile: () => true,
    engine: { info },
    store: { entry: async () => undefined },
    backoff: { left: () => 0 },
    client: 'page',
    bypass: new Bypass(),
  })
}

test('a host that accepts and says nothing is waited for no longer than eight seconds', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let asked: AbortSignal | undefined
  const one = explainer(false, async (_, { signal }) => {
    asked = signal
    return await new Promise(() => undefined)
  })
  const explaining = one.explain(url)
  await vi.advanceTimersByTimeAsync(8000)
  const { carried, from, reasons } = await explaining
  one.close()
  expect({ carried, from }).toEqual({ carried: false, from: 'network' })
  expect(reasons[0]).toContain('hub.example has not answered within 8 s.')
  expect(asked?.aborted).toBe(true)
})

describe('the console under `debug`', () => {
  test('each file is explained once, as a group with its reasons', async () => {
    const group = vi.spyOn(console, 'groupCollapsed').mockImplementation(() => undefined)
    const line = vi.spyOn(console, 'info').mockImplementation(() => undefined)
    const one = explainer(true)
    for (let times = 0; times < 2; times++) one.log(url)
    await vi.waitFor(() => expect(line).toHaveBeenCalled())
    one.close()
    expect(group.mock.calls).toEqual([[expect.stringContaining(`modelferry: ${url} is `)]])
    expect(line.mock.calls.join('\n')).toContain('service worker')
    vi.restoreAllMocks()
  })

  test('without it nothing is written and nothing is asked', async () => {
    const group = vi.spyOn(console, 'groupCollapsed').mockImplementation(() => undefined)
    const one = explainer(false)
    one.log(url)
    await new Promise((resolve) => setTimeout(resolve, 20))
    one.close()
    expect(group).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})
