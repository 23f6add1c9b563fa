import type { Behaviour, Place } from '../behaviour.ts'
import { rangeOf, send, sendPage } from '../behaviour.ts'

const json = Buffer.from(`{"model_type":"bert","hidden_size":64,"pad":"${'x'.repeat(400)}"}`)
const pointer = Buffer.from(
  `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 3000000\n`,
)
const names = ['config.json', 'tokenizer.json', 'vocab.txt', 'spiece.model', 'model.pt']
const places: readonly Place[] = ['hidden', 'same']

/** Servers, and networks in between, with incorrect responses. */
export const lies: readonly Behaviour[] = [
  ...names.flatMap((fileName) =>
    places.map((place): Behaviour => ({
      name: `sign-in-page-first-${fileName.replace('.', '-')}`,
      place,
      fileName,
      truth: () => json,
      answer: (exchange) => {
        if (exchange.visit === 'first') sendPage(exchange)
        else send(exchange, { 'content-type': 'application/json' })
      },
    })),
  ),
  {
    name: 'sign-in-page-at-the-second-visit',
    place: 'hidden',
    answer: (exchange) => {
      if (exchange.visit === 'first') send(exchange, { 'cache-control': 'no-cache' })
      else sendPage(exchange)
    },
  },
  { name: 'always-a-page', place: 'hidden', answer: (exchange) => sendPage(exchange) },
  {
    name: 'page-without-a-type',
    place: 'hidden',
    answer: ({ response }) =>
      void response.end('<!doctype html><title>Sign in</title><p>Please sign in.</p>'),
  },
  {
    name: 'lfs-pointer-first',
    place: 'hidden',
    answer: (exchange) => {
      if (exchange.visit === 'first') send(exchange, { etag: undefined }, pointer)
      else send(exchange)
    },
  },
  {
    name: 'short-first',
    place: 'exposed',
    fileName: 'config.json',
    truth: () => json,
    answer: (exchange) => {
      const { nth } = exchange
      if (nth > 1) send(exchange, { 'content-type': 'application/json' })
      else send(exchange, { etag: undefined }, json.subarray(0, 20))
    },
  },
  {
    name: 'flipped-byte-first',
    place: 'exposed',
    answer: (exchange) => {
      if (exchange.visit !== 'first') return send(exchange, { 'cache-control': 'no-cache' })
      const flipped = Buffer.from(exchange.file)
      flipped[1000]! ^= 1
      send(exchange, { etag: '"flipped"', 'cache-control': 'no-cache' }, flipped)
    },
  },
  {
    name: 'length-of-another-file-by-head',
    place: 'exposed',
    answer: (exchange) => {
      const { request, response, file } = exchange
      if (request.method !== 'HEAD') return send(exchange)
      response.writeHead(200, { 'content-length': file.length + 7, etag: exchange.etag }).end()
    },
  },
  {
    name: 'total-of-a-range-one-too-large',
    place: 'exposed',
    answer: (exchange) => {
      const { request, response, file } = exchange
      const range = rangeOf(request, file.length)
      if (!range) return send(exchange)
      response.writeHead(206, {
        'content-range': `bytes ${range.start}-${range.end - 1}/${file.length + 1}`,
        'content-length': range.end - range.start,
        etag: exchange.etag,
      })
      response.end(file.subarray(range.start, range.end))
    },
  },
  {
    name: 'accepts-no-ranges-and-gives-them',
    place: 'exposed',
    answer: (exchange) => send(exchange, { 'accept-ranges': 'none' }),
  },
]
