import { expect, test } from '@playwright/test'
import { judge, type Comparison } from './judge.ts'
import type { Outcome } from './page-requests.ts'

const fine: Outcome = { status: 200, type: 'cors', headers: {}, size: 9, sha256: 'true', ms: 10 }
const failed: Outcome = { ...fine, status: 0, size: 0, sha256: '', failure: 'Failed to fetch' }
const part: Outcome = { ...fine, status: 206, sha256: 'part' }
const missing: Outcome = { ...fine, status: 404, sha256: 'no such file' }
const truth = { size: 9, whole: 'true', part: 'part' }
const behind: Outcome = {
  ...fine,
  status: 416,
  sha256: '',
  headers: { 'content-range': 'bytes */9' },
}
const page = { 'content-length': '5', 'content-type': 'text/html' }
const other: Outcome = { ...fine, sha256: 'other' }

function judged(plain: Outcome, ours: Outcome, more: Partial<Comparison> = {}): string | undefined {
  return judge({
    plain,
    ours,
    method: 'GET',
    range: undefined,
    truths: [truth],
    prefixes: [],
    etag: true,
    boundMs: 100,
    ...more,
  })
}

const range = { range: 'bytes=0-1' }
/** The server sent these bytes, of a file of a megabyte. */
const mega = { truths: [{ ...truth, size: 1_000_000 }] }
const sent = (
  plain: number,
  ours: number,
  more: Partial<Comparison['sent']> = {},
): Partial<Comparison> & Pick<Required<Comparison>, 'sent'> => ({
  ...mega,
  sent: {
    plain,
    ours,
    visit: 'first',
    place: 'hidden',
    by: 'fetch',
    mostTimesSize: 1.02,
    badRanges: false,
    packs: false,
    cuts: false,
    final: false,
    ...more,
  },
})
const long = { ...fine, headers: { 'content-length': '1000000' } }
const tagged = { ...fine, headers: { ...long.headers, etag: '"1"' } }
const kept = { ...fine, headers: { ...tagged.headers, 'x-modelferry': 'hit' } }
const unsized = { ...fine, headers: { etag: '"1"' } }
const ofOneUser = { ...fine, headers: { ...long.headers, 'cache-control': 'private' } }
const same = { place: 'same' } as const
const cancel = { by: 'cancel' } as const

for (const [title, red] of [
  ['the same response passes', judged(fine, fine)],
  ['the same failure passes', judged(failed, failed)],
  ['the same refusal passes', judged(missing, { ...missing, sha256: 'in other words' })],
  ['the bytes of the plain response pass, even if they are wrong', judged(other, other)],
  ['the true file instead of a failure is better', judged(failed, fine)],
  ['the true file instead of an HTML page is better', judged(other, fine)],
  ['a true part is better where the plain request got the whole file', judged(fine, part, range)],
  [
    'the size of the file instead of a failure is better',
    judged(failed, { ...fine, sha256: '', headers: { 'content-length': '9' } }, { method: 'HEAD' }),
  ],
  [
    'the headers of the file are better than those of the web page in its place',
    judged(
      failed,
      { ...fine, sha256: '', headers: { 'content-length': '9', 'content-type': 'model/gguf' } },
      { method: 'HEAD', before: { ...fine, sha256: '', headers: page } },
    ),
  ],
  [
    'the end of the file is better where the server does not support ranges',
    judged(fine, behind, { range: 'bytes=99-', truths: [{ ...truth, part: undefined }] }),
  ],
  [
    'a stored refusal is as good as a network failure',
    judged(failed, missing, { before: missing }),
  ],
  [
    'an unspecific type may be replaced',
    judged(
      { ...fine, headers: { 'content-type': 'application/octet-stream' } },
      { ...fine, headers: { 'content-type': 'model/gguf' } },
    ),
  ],
  [
    'the length of compressed bytes need not be repeated',
    judged({ ...fine, headers: { 'content-encoding': 'gzip', 'content-length': '3' } }, fine),
  ],
  [
    'the true length instead of the length of compressed bytes is better',
    judged(
      { ...fine, headers: { 'content-length': '3' } },
      { ...fine, headers: { 'content-length': '9' } },
    ),
  ],
  [
    'the true size instead of an unknown or wrong one is better',
    judged(
      { ...part, size: 2, headers: { 'content-range': 'bytes 0-1/*' } },
      { ...part, size: 2, headers: { 'content-range': 'bytes 0-1/9' } },
      range,
    ),
  ],
  [
    'other, better bytes may have other headers',
    judged({ ...other, headers: { etag: '"old"' } }, { ...fine, headers: { etag: '"new"' } }),
  ],
  [
    'a response that is passed through passes where the browser itself joins wrong bytes',
    judged(other, { ...other, sha256: 'also wrong' }),
  ],
  [
    'the requested URL may replace the redirected one',
    judged(
      { ...fine, from: '/there', redirected: true },
      { ...fine, from: '/here' },
      { asked: '/here' },
    ),
  ],
  ['the bytes of the file pass, with a few more', judged(fine, fine, sent(1e6, 1.05e6))],
  ['as many bytes as the plain page took pass', judged(fine, fine, sent(2e6, 2e6))],
  ['fewer bytes pass', judged(fine, fine, sent(1e6, 0))],
  ['a failure may be tried three times', judged(failed, failed, sent(1e6, 3e6))],
  ['a body that was cut may be sent again', judged(long, long, sent(1e6, 2e6, { cuts: true }))],
  [
    'on its own origin, a response for one user may follow a question without cookies',
    judged(ofOneUser, ofOneUser, sent(1e6, 2e6, same)),
  ],
  [
    'a range of a file without a length may follow a question for the whole file',
    judged(fine, fine, { ...sent(1e6, 2e6), ...range }),
  ],
  [
    'the length of a file with a validator may be asked for',
    judged(unsized, unsized, sent(1e6, 2e6)),
  ],
  [
    'both questions may come before a range',
    judged(unsized, unsized, { ...sent(1e6, 3e6), ...range }),
  ],
  [
    'a range of a packed file whose headers are hidden may follow a question for the whole file',
    judged(long, long, { ...sent(1e6, 2e6, { packs: true }), ...range }),
  ],
  ['a file that is used twice may be sent twice', judged(long, kept, sent(1e6, 2e6, cancel))],
  [
    'a packed file that is used twice may be sent twice',
    judged(tagged, kept, sent(1e6, 2e6, { ...same, ...cancel, packs: true })),
  ],
  [
    'a cancel may arrive a little later than that of the plain page',
    judged(long, long, sent(3e6, 3.2e6, cancel)),
  ],
  [
    'a load that cannot go on after a cancel starts again',
    judged(long, long, sent(1e6, 4e6, { ...cancel, badRanges: true })),
  ],
  [
    'a server that lies may cost more',
    judged(fine, fine, sent(1e6, 1.19e6, { mostTimesSize: 1.2 })),
  ],
  ['what was kept is there offline', judged(failed, fine, { before: fine, kept: true })],
  ['what was not kept may fail offline', judged(failed, failed, { before: fine, kept: false })],
  [
    'old bytes that the plain page had pass offline',
    judged(failed, { ...fine, sha256: 'old' }, { before: { ...fine, sha256: 'old' } }),
  ],
  [
    'the bytes of a fresh response pass',
    judged(
      fine,
      { ...fine, sha256: 'first', headers: { etag: '"1"' } },
      {
        truths: [truth, { ...truth, whole: 'first' }],
        fresh: { ...fine, sha256: 'first', headers: { etag: '"1"' } },
      },
    ),
  ],
] as const)
  test(title, () => expect(red).toBeUndefined())

for (const [title, red, expected] of [
  ['other bytes fail', judged(fine, other), 'wrong bytes'],
  ['old bytes fail', judged(fine, { ...fine, sha256: 'old' }), 'wrong bytes'],
  ['other bytes offline fail', judged(failed, other), 'wrong bytes'],
  ['an empty body offline fails', judged(failed, { ...fine, size: 0, sha256: '' }), 'wrong bytes'],
  [
    'a failure where the plain request succeeds fails',
    judged(fine, failed),
    'fails: Failed to fetch',
  ],
  [
    'a failure where the plain response has a status fails',
    judged(missing, failed),
    'fails: Failed to fetch',
  ],
  ['another status fails', judged(fine, missing), 'another status'],
  ['an invented status offline fails', judged(failed, missing), 'another status'],
  ['the whole file for a range fails', judged(part, fine, range), 'whole file'],
  ['another part fails', judged(part, { ...part, sha256: 'elsewhere' }, range), 'wrong bytes'],
  [
    'another size fails',
    judged(failed, { ...fine, sha256: '', headers: { 'content-length': '8' } }, { method: 'HEAD' }),
    'wrong bytes',
  ],
  ['a 416 for a range within the file fails', judged(fine, behind, range), 'another status'],
  ['a request that never ends fails', judged(failed, { ...failed, failure: 'late' }), 'never ends'],
  ['a late response fails', judged(fine, { ...fine, ms: 121 }), 'late: 121 ms, plain 10 ms'],
  [
    'a lost header fails',
    judged({ ...fine, headers: { etag: '"a"' } }, fine),
    'etag: none, plain "a"',
  ],
  [
    'an invented type fails',
    judged(
      { ...fine, headers: { 'content-type': 'image/png' } },
      { ...fine, headers: { 'content-type': 'model/gguf' } },
    ),
    'content-type: model/gguf, plain image/png',
  ],
  [
    'another length fails',
    judged(
      { ...fine, headers: { 'content-length': '9' } },
      { ...fine, headers: { 'content-length': '8' } },
    ),
    'content-length: 8, plain 9',
  ],
  [
    'our wrong bytes fail, even if the plain ones are wrong',
    judged(other, { ...fine, sha256: 'old', headers: { 'x-modelferry': 'hit' } }),
    'wrong bytes',
  ],
  [
    'another URL fails',
    judged({ ...fine, from: '/a' }, { ...fine, from: '/b' }),
    'url: /b, plain /a',
  ],
  [
    'an opaque response fails where the plain one is not opaque',
    judged(fine, { ...fine, type: 'opaque' }),
    'type: opaque, plain cors',
  ],
  [
    'more bytes than the file has fail',
    judged(fine, fine, sent(1e6, 1.09e6)),
    'more bytes: 1090000 of a file of 1000000, plain 1000000',
  ],
  [
    'a file that was fetched twice fails',
    judged(fine, fine, sent(0, 2e6, { mostTimesSize: 1.2 })),
    'more bytes: 2000000 of a file of 1000000, plain 0',
  ],
  [
    'a file that never changes and is asked for again fails',
    judged(fine, fine, sent(1e6, 10, { final: true, visit: 'second' })),
    'asked again: 10 bytes of a file that never changes',
  ],
  [
    'a failure that is tried four times fails',
    judged(failed, failed, sent(1e6, 4e6)),
    'more bytes: 4000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a body that was cut at the first visit and is sent twice again fails',
    judged(long, long, sent(1e6, 2e6, { cuts: true, visit: 'second' })),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'on another origin, a response for one user that is sent twice fails',
    judged(ofOneUser, ofOneUser, sent(1e6, 2e6)),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'on its own origin, a response for one user that is sent twice again fails',
    judged(ofOneUser, ofOneUser, sent(1e6, 2e6, { ...same, visit: 'second' })),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a response for all users that is sent twice fails',
    judged(tagged, tagged, sent(1e6, 2e6, same)),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a file without a length and without a validator that is sent twice fails',
    judged(fine, fine, sent(1e6, 2e6)),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a file without a length that is sent twice again fails',
    judged(unsized, unsized, sent(1e6, 2e6, { visit: 'second' })),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a range of a file with a length that costs it twice fails',
    judged(long, long, { ...sent(1e6, 2e6), ...range }),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a range of a packed file whose headers are visible that costs it twice fails',
    judged(long, long, { ...sent(1e6, 2e6, { packs: true, place: 'exposed' }), ...range }),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a kept file of its own origin that is used twice and sent twice fails',
    judged(tagged, kept, sent(1e6, 2e6, { ...same, ...cancel })),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a file that is used twice and sent three times fails',
    judged(long, long, sent(1e6, 3e6, cancel)),
    'more bytes: 3000000 of a file of 1000000, plain 1000000',
  ],
  [
    'a cancel that arrives much later fails',
    judged(long, long, sent(3e6, 3.5e6, cancel)),
    'more bytes: 3500000 of a file of 1000000, plain 3000000',
  ],
  [
    'a load that starts again without a cancel fails',
    judged(long, long, sent(1e6, 2e6, { badRanges: true })),
    'more bytes: 2000000 of a file of 1000000, plain 1000000',
  ],
  [
    'what was kept and fails offline fails',
    judged(failed, failed, { before: fine, kept: true }),
    'kept, but not there offline: Failed to fetch',
  ],
  [
    'what was kept and is refused offline fails',
    judged(failed, missing, { before: missing, kept: true }),
    'kept, but not there offline: 404',
  ],
  ['bytes of nothing offline fail', judged(failed, other, { before: fine }), 'wrong bytes'],
  [
    'a refusal offline in place of a file fails',
    judged(failed, missing, { before: fine }),
    'another status',
  ],
  [
    'headers of neither the file nor the web page in its place fail',
    judged(
      failed,
      { ...fine, sha256: '', headers: { 'content-length': '8', 'content-type': 'model/gguf' } },
      { method: 'HEAD', before: { ...fine, sha256: '', headers: page } },
    ),
    'content-type: model/gguf, plain text/html',
  ],
  [
    'a lost header offline fails',
    judged(failed, fine, { before: { ...fine, headers: { etag: '"a"' } } }),
    'etag: none, plain "a"',
  ],
  [
    'another URL offline fails',
    judged(failed, { ...fine, from: '/b' }, { before: { ...fine, from: '/a' } }),
    'url: /b, plain /a',
  ],
  [
    'a late failure offline fails',
    judged(failed, { ...failed, ms: 121 }),
    'late: 121 ms, plain 10 ms',
  ],
  [
    'wrong bytes before a cancel fail offline too',
    judged(failed, { ...fine, prefix: { size: 1, sha256: 'x' } }, { before: fine }),
    'wrong bytes before the cancel',
  ],
  [
    'wrong bytes before a cancel fail',
    judged(fine, { ...fine, prefix: { size: 1, sha256: 'x' } }),
    'wrong bytes before the cancel',
  ],
  [
    'wrong bytes of ours before a failure fail, also where the plain page fails',
    judged(failed, {
      ...failed,
      headers: { 'x-modelferry': 'stream' },
      prefix: { size: 1, sha256: 'x' },
    }),
    'wrong bytes before the failure',
  ],
  [
    'wrong bytes before a failure are the servers own where the request is passed through',
    judged(failed, { ...failed, prefix: { size: 1, sha256: 'x' } }),
    undefined,
  ],
] as const)
  test(title, () => expect(red).toBe(expected))
