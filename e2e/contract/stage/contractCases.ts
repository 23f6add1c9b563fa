import type { ContractCase } from './ContractCase.ts'

/** Asks for the model in some way. */
function model(title: string, headers: Record<string, string> = {}, method = 'GET'): ContractCase {
  return { title, file: 'model', init: { method, headers } }
}

function range(range: string, more: Record<string, string> = {}): ContractCase {
  return model(range, { range, ...more })
}

function none(title: string, tags: string): ContractCase {
  return model(title, { 'if-none-match': tags })
}

/**
 * Every shape of request a model file can be asked for by.
 *
 * @param etag of the model
 */
export function contractCases(etag: string): ContractCase[] {
  const part = { range: 'bytes=0-0' }
  return [
    model('all of it'),
    { ...model('all of it, with a query'), address: (url) => `${url}?download=true` },
    { title: 'a small file', file: 'small' },
    { title: 'a file without a byte', file: 'empty', plainOnly: true },
    range('bytes=0-1023'),
    range('bytes=1000000-1000099'),
    range('bytes=2000000-'),
    range('bytes=-1000'),
    range('bytes=-9999999'),
    range('bytes=2000000-9999999'),
    range('bytes=9999999-'),
    range('bytes=-0'),
    range('bytes=0-0'),
    range('bytes=0-9,20-29'),
    range('bytes=9-5'),
    range('lines=1-2'),
    { title: 'first byte of a small file', file: 'small', init: { headers: part } },
    { title: 'first byte of none', file: 'empty', init: { headers: part }, plainOnly: true },
    { title: 'first byte of what is missing', file: 'missing', init: { headers: part } },
    { ...range('bytes=10-19', { 'if-range': etag }), title: 'a range if it is the same' },
    { ...range('bytes=10-19', { 'if-range': '"other"' }), title: 'a range if it is another' },
    { ...range('bytes=10-19', { 'if-range': `W/${etag}` }), title: 'a range if it is like it' },
    {
      ...range('bytes=10-19', { 'if-range': 'Sun, 22 Nov 2026 08:00:00 GMT' }),
      title: 'a range if it is as old',
    },
    none('unless it is the same', etag),
    none('unless it is like it', `"other", W/${etag}`),
    none('unless there is any', '*'),
    none('unless it is another', '"other"'),
    { ...range('bytes=10-19', { 'if-none-match': etag }), title: 'a range unless it is the same' },
    model('HEAD', {}, 'HEAD'),
    model('HEAD with a range', { range: 'bytes=5-9' }, 'HEAD'),
    model('HEAD unless it is the same', { 'if-none-match': etag }, 'HEAD'),
    { title: 'HEAD of a small file', file: 'small', init: { method: 'HEAD' } },
    { title: 'HEAD of what is missing', file: 'missing', init: { method: 'HEAD' } },
    { title: 'what is missing', file: 'missing' },
    { title: 'a path of 4 KB', file: 'long', plainOnly: true },
    { ...model('POST', {}, 'POST'), passes: true, plainOnly: true },
    { ...model('PURGE', {}, 'PURGE'), passes: true, plainOnly: true },
    { title: 'only if cached', file: 'model', init: { cache: 'only-if-cached' }, passes: true },
    {
      ...model('a URL with credentials'),
      address: (url) => url.replace('://', '://me:secret@'),
      passes: true,
    },
  ]
}
