import type { ContractCase } from './ContractCase.ts'

/** A request for the model with certain headers. */
function model(title: string, headers: Record<string, string> = {}, method = 'GET'): ContractCase {
  return { title, file: 'model', init: { method, headers } }
}

function range(range: string, more: Record<string, string> = {}): ContractCase {
  return model(range, { range, ...more })
}

function none(title: string, tags: string): ContractCase {
  return model(title, { 'if-none-match': tags })
}

/** A request for the model with certain fetch options. */
function option(title: string, init: ContractCase['init'] = {}): ContractCase {
  return { title, file: 'model', init }
}

/** A request for the model with a changed URL. */
function address(title: string, address: (url: string) => string): ContractCase {
  return { title, file: 'model', address }
}

/** A SHA-256 in the form of `integrity`. */
function digest(hex: string): string {
  return `sha256-${Buffer.from(hex, 'hex').toString('base64')}`
}

/**
 * All forms of requests for a model file.
 *
 * @param hash of the model, 64 hex digits
 */
export function contractCases(hash: string): ContractCase[] {
  const etag = `"${hash}"`
  const part = { range: 'bytes=0-0' }
  return [
    model('the whole file'),
    address('the whole file, with a query', (url) => `${url}?download=true`),
    address('with a secret', (url) => `${url}?X-Amz-Signature=0123&token=hf_secret`),
    address('with a fragment', (url) => `${url}#part`),
    address('with unnecessary escapes', (url) => url.replace('onnx', '%6fnn%78')),
    { title: 'a name that needs escapes', file: 'odd', plainOnly: true },
    { ...address('invalid escapes', (url) => `${url}%zz%ff`), passes: true, plainOnly: true },
    { title: 'a small file', file: 'small' },
    { title: 'an empty file', file: 'empty', plainOnly: true },
    range('bytes=0-1023'),
    range('bytes=1000000-1000099'),
    range('bytes=2000000-'),
    range('bytes=-1000'),
    range('bytes=-9999999'),
    range('bytes=2000000-9999999'),
    range('bytes=9999999-'),
    range('bytes=-0'),
    range('bytes=0-0'),
    { ...range('bytes=0-9,20-29'), asks: true },
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
    {
      title: 'first byte of an empty file',
      file: 'empty',
      init: { headers: part },
      plainOnly: true,
    },
    { title: 'first byte of a missing file', file: 'missing', init: { headers: part } },
    {
      ...range('bytes=10-19', { 'if-range': etag }),
      title: 'a range with If-Range and the same tag',
    },
    {
      ...range('bytes=10-19', { 'if-range': '"other"' }),
      title: 'a range with If-Range and another tag',
    },
    {
      ...range('bytes=10-19', { 'if-range': `W/${etag}` }),
      title: 'a range with If-Range and a weak tag',
    },
    {
      ...range('bytes=10-19', { 'if-range': 'Sun, 22 Nov 2026 08:00:00 GMT' }),
      title: 'a range with If-Range and the date',
    },
    none('If-None-Match with the same tag', etag),
    none('If-None-Match with a weak tag', `"other", W/${etag}`),
    none('If-None-Match with *', '*'),
    none('If-None-Match with another tag', '"other"'),
    {
      ...range('bytes=10-19', { 'if-none-match': etag }),
      title: 'a range with If-None-Match and the same tag',
    },
    model('If-Match with the same tag', { 'if-match': `"other", ${etag}` }),
    model('If-Match with another tag', { 'if-match': '"other"' }),
    model('If-Match with a weak tag', { 'if-match': `W/${etag}` }),
    model('If-Match with *', { 'if-match': '*' }),
    {
      ...range('bytes=10-19', { 'if-match': '"other"' }),
      title: 'a range with If-Match and another tag',
    },
    ...['Modified', 'Unmodified'].map((what) => ({
      ...model(`If-${what}-Since`, { [`if-${what}-since`]: 'Sun, 22 Nov 2026 08:00:00 GMT' }),
      asks: true as const,
    })),
    { ...model('with a header of the app', { 'x-app': 'demo' }), passes: true, plainOnly: true },
    model('HEAD', {}, 'HEAD'),
    model('HEAD with a range', { range: 'bytes=5-9' }, 'HEAD'),
    model('HEAD with a range past the end', { range: 'bytes=9999999-' }, 'HEAD'),
    model('HEAD with If-Match and another tag', { 'if-match': '"other"' }, 'HEAD'),
    model('HEAD with If-None-Match and the same tag', { 'if-none-match': etag }, 'HEAD'),
    { title: 'HEAD of a small file', file: 'small', init: { method: 'HEAD' } },
    { title: 'HEAD of a missing file', file: 'missing', init: { method: 'HEAD' } },
    { title: 'a missing file', file: 'missing' },
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
    { ...option('same-origin mode', { mode: 'same-origin' }), passes: true },
    { ...option('unread', { mode: 'no-cors' }), passes: true },
    { ...option('with cookies', { credentials: 'include' }), passes: 'plain' },
    option('without cookies', { credentials: 'omit' }),
    {
      title: 'a file that requires a cookie',
      file: 'private',
      init: { credentials: 'include' },
      passes: true,
      plainOnly: true,
    },
    { title: 'that without', file: 'private', passes: true, plainOnly: true },
    // A hub redirects requests for a large file.
    { ...option('redirect: error', { redirect: 'error' }), plainOnly: true },
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
