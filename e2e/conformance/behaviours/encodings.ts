import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import type { Behaviour, Exchange, Place } from '../behaviour.ts'
import { send, sendPart, rangeOf } from '../behaviour.ts'

const large = 1_500_000
const places: readonly Place[] = ['hidden', 'exposed', 'same']
const packers = {
  gzip: (bytes: Buffer): Buffer => gzipSync(bytes, { level: 1 }),
  br: (bytes: Buffer): Buffer =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  deflate: (bytes: Buffer): Buffer => deflateSync(bytes, { level: 1 }),
}
const packed = new WeakMap<Buffer, Map<string, Buffer>>()

function pack(bytes: Buffer, coding: keyof typeof packers): Buffer {
  const known = packed.get(bytes) ?? new Map<string, Buffer>()
  packed.set(bytes, known)
  const before = known.get(coding) ?? packers[coding](bytes)
  known.set(coding, before)
  return before
}

const lastModified = 'Sun, 22 Nov 2026 08:00:00 GMT'
const json = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, at) => `token ${at}`)))

const packedFile = packers.gzip(Buffer.alloc(300_000, 'model'))

/** Compresses for all clients that accept the coding, as proxies and static hosts do. */
function sendPacked(
  exchange: Exchange,
  coding: keyof typeof packers,
  more: Readonly<Record<string, string | undefined>> = {},
): void {
  const { request, response, file, etag } = exchange
  if (!(request.headers['accept-encoding'] ?? '').includes(coding)) return send(exchange, more)
  const body = pack(file, coding)
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-encoding': coding,
    'content-length': body.length,
    etag,
    vary: 'Accept-Encoding',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Servers that compress bodies. Browsers request ranges with `Accept-Encoding: identity`. */
export const encodings: readonly Behaviour[] = [
  ...places.flatMap((place): Behaviour[] => [
    {
      name: 'gzip',
      place,
      packs: true,
      requests: 'all',
      answer: (exchange) => sendPacked(exchange, 'gzip'),
    },
    {
      name: 'gzip-large',
      place,
      packs: true,
      size: large,
      requests: 'all',
      answer: (exchange) => sendPacked(exchange, 'gzip'),
    },
    {
      name: 'gzip-always',
      place,
      packs: true,
      size: large,
      answer: ({ request, response, file }) => {
        const body = pack(file, 'gzip')
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length })
        response.end(request.method === 'HEAD' ? undefined : body)
      },
    },
    {
      name: 'gzip-ranges-of-packed',
      place,
      packs: true,
      size: large,
      answer: (exchange) =>
        send(exchange, { 'content-encoding': 'gzip' }, pack(exchange.file, 'gzip')),
    },
    {
      name: 'gzip-chunked',
      place,
      packs: true,
      answer: ({ request, response, file }) => {
        response.writeHead(200, { 'content-encoding': 'gzip' })
        response.end(request.method === 'HEAD' ? undefined : pack(file, 'gzip'))
      },
    },
  ]),
  {
    // As nginx compresses JSON: without a length, and with a weak ETag where the one without compression is strong. It costs
    // its compressed bytes once; a HEAD or a range has the weak ETag.
    name: 'nginx-json',
    place: 'same',
    fileName: 'tokenizer.json',
    requests: ['whole', 'worker', 'no-cache'],
    truth: () => json,
    answer: (exchange) => {
      const { request, response, file, etag } = exchange
      const { headers, method } = request
      const more = { 'content-type': 'application/json', 'last-modified': lastModified }
      const packs = method === 'GET' && headers['accept-encoding']?.includes('gzip')
      if (!packs) return send(exchange, more)
      const head = { ...more, etag: `W/${etag}`, vary: 'Accept-Encoding' }
      // nginx marks as weak only what it compresses.
      if (headers['if-none-match']?.replace('W/', '') === etag)
        return void response.writeHead(304, { ...head, etag }).end()
      response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).end(pack(file, 'gzip'))
    },
  },
  ...(['br', 'deflate'] as const).map((coding): Behaviour => ({
    name: coding,
    place: 'hidden',
    packs: true,
    size: large,
    answer: (exchange) => sendPacked(exchange, coding),
  })),
  {
    name: 'gzip-whole-and-identity-ranges',
    place: 'hidden',
    packs: true,
    size: large,
    answer: (exchange) => {
      const range = rangeOf(exchange.request, exchange.file.length)
      if (range) sendPart(exchange, exchange.file, range, { etag: exchange.etag })
      else sendPacked(exchange, 'gzip')
    },
  },
  ...(['x-gzip', 'gzip, identity', 'GZIP'] as const).map((coding): Behaviour => ({
    name: `encoding-${coding.toLowerCase().replace(', ', '-')}${coding === 'GZIP' ? '-in-capitals' : ''}`,
    place: 'exposed',
    answer: ({ request, response, file }) => {
      const body = pack(file, 'gzip')
      response.writeHead(200, { 'content-encoding': coding, 'content-length': body.length })
      response.end(request.method === 'HEAD' ? undefined : body)
    },
  })),
  {
    name: 'packed-file',
    place: 'hidden',
    fileName: 'model.onnx.gz',
    // The file's own format, not an encoding of HTTP, so no client unpacks it.
    truth: () => packedFile,
    answer: (exchange) => send(exchange, { 'content-type': 'application/gzip' }),
  },
  {
    name: 'encoding-identity',
    place: 'hidden',
    answer: (exchange) => send(exchange, { 'content-encoding': 'identity' }),
  },
]
