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

/** Asks for the model by a fetch with other options. */
function option(title: string, init: ContractCase['init'] = {}): ContractCase {
  return { title, file: 'model', init }
}

/** Asks for the model under another address. */
function address(title: string, address: (url: string) => string): ContractCase {
  return { title, file: 'model', address }
}

/** A SHA-256 as `fetch` takes it. */
function digest(hex: string): string {
  return `sha256-${Buffer.from(hex, 'hex').toString('base64')}`
}

/**
 * Every shape of request a model file can be asked for by.
 *
 * @param hash of the model, 64 hex digits
 */
export function contractCases(hash: string): ContractCase[] {
  const etag = `"${hash}"`
  const part = { range: 'bytes=0-0' }
  return [
    model('all of it'),
    address('all of it, with a query', (url) => `${url}?download=true`),
    address('with a secret', (url) => `${url}?X-Amz-Signature=0123&token=hf_secret`),
    address('with a part', (url) => `${url}#part`),
    address('with escapes it needs not', (url) => url.replace('onnx', '%6fnn%78')),
    { title: 'a name that needs escapes', file: 'odd', plainOnly: true },
    { ...address('escapes of nothing', (url) => `${url}%zz%ff`), passes: true, plainOnly: true },
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
    ...[
      'bytes=-',
      'bytes=one-two',
      'bytes 0-9',
      'bytes=99999999999999999999-',
      'bytes=5-99999999999999999999',
    ].map((text) => ({ ...range(text), plainOnly: true as const })),
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
    model('if it is the same', { 'if-match': `"other", ${etag}` }),
    model('if it is another', { 'if-match': '"other"' }),
    model('if it is like it', { 'if-match': `W/${etag}` }),
    model('if there is any', { 'if-match': '*' }),
    { ...range('bytes=10-19', { 'if-match': '"other"' }), title: 'a range of another' },
    model('if it is younger', { 'if-modified-since': 'Sun, 22 Nov 2026 08:00:00 GMT' }),
    model('if it is older', { 'if-unmodified-since': 'Sun, 22 Nov 2026 08:00:00 GMT' }),
    { ...model('with a header of the app', { 'x-app': 'demo' }), passes: true, plainOnly: true },
    model('HEAD', {}, 'HEAD'),
    model('HEAD with a range', { range: 'bytes=5-9' }, 'HEAD'),
    model('HEAD with a range past the end', { range: 'bytes=9999999-' }, 'HEAD'),
    model('HEAD if it is another', { 'if-match': '"other"' }, 'HEAD'),
    model('HEAD unless it is the same', { 'if-none-match': etag }, 'HEAD'),
    { title: 'HEAD of a small file', file: 'small', init: { method: 'HEAD' } },
    { title: 'HEAD of what is missing', file: 'missing', init: { method: 'HEAD' } },
    { title: 'what is missing', file: 'missing' },
    { title: 'a path of 4 KB', file: 'long', plainOnly: true },
    ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE'].map((method): ContractCase => ({
      ...model(method, {}, method),
      passes: true,
      plainOnly: true,
    })),
    ...(['no-store', 'reload'] as const).map((cache) => ({
      ...option(cache, { cache }),
      passes: true as const,
      plainOnly: true as const,
    })),
    { ...option('no-cache', { cache: 'no-cache' }), asks: true, plainOnly: true },
    { ...option('force-cache', { cache: 'force-cache' }), plainOnly: true },
    { ...option('only if cached', { cache: 'only-if-cached' }), passes: true },
    { ...option('only from here', { mode: 'same-origin' }), passes: true },
    { ...option('unread', { mode: 'no-cors' }), passes: true },
    { ...option('with cookies', { credentials: 'include' }), passes: 'plain' },
    option('without cookies', { credentials: 'omit' }),
    {
      title: 'what needs a cookie',
      file: 'private',
      init: { credentials: 'include' },
      passes: true,
      plainOnly: true,
    },
    { title: 'that without', file: 'private', passes: true, plainOnly: true },
    // A hub redirects those who ask for a large file.
    { ...option('unless it has moved', { redirect: 'error' }), plainOnly: true },
    { ...option('not followed', { redirect: 'manual' }), plainOnly: true },
    { ...option('outliving the page', { keepalive: true }), plainOnly: true },
    option('with its digest', { integrity: digest(hash) }),
    option('with another digest', { integrity: digest('00'.repeat(32)) }),
    { ...option('GET with a body', { method: 'GET', body: 'x' }), passes: true },
    {
      ...model('a URL with credentials'),
      address: (url) => url.replace('://', '://me:secret@'),
      passes: true,
    },
  ]
}
