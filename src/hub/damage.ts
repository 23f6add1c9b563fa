import { type ChunkHeader, parseChunkHeader } from '../codec/index.ts'
import { sleep } from '../core/index.ts'
import type { FaultAction } from './faults.ts'

/** A chunk record within a body. */
export interface RecordPlace {
  readonly start: number
  readonly end: number
  readonly header: ChunkHeader
}

/**
 * Finds the chunk records of a body that consists only of them.
 *
 * @param body whole records
 * @throws FerryError `protocol` when it does not consist of them
 */
export function findRecords(body: Uint8Array): RecordPlace[] {
  const places: RecordPlace[] = []
  for (let start = 0; start < body.byteLength;) {
    const header = parseChunkHeader(body, start)
    const end = start + 8 + header.storedLength
    places.push({ start, end, header })
    start = end
  }
  return places
}

/**
 * Flips one bit in the middle of the first chunk that is stored with a scheme. Without such a chunk it does nothing.
 *
 * @param body whole records; changed in place
 * @param scheme of the chunk to damage
 */
export function flipScheme(body: Uint8Array, scheme: 0 | 1 | 2): void {
  const record = findRecords(body).find(({ header }) => header.scheme === scheme)
  if (record !== undefined) body[(record.start + 8 + record.end) >> 1]! ^= 1
}

/**
 * A body in which two chunk records have changed places.
 *
 * @param body whole records
 * @param first index of one
 * @param second index of the other, behind the first
 * @returns the same body when it has no such records
 */
export function swapRecords(
  body: Uint8Array<ArrayBuffer>,
  first: number,
  second: number,
): Uint8Array<ArrayBuffer> {
  const records = findRecords(body)
  const a = records[Math.min(first, second)]
  const b = records[Math.max(first, second)]
  if (a === undefined || b === undefined || a === b) return body
  const parts = [
    body.subarray(0, a.start),
    body.subarray(b.start, b.end),
    body.subarray(a.end, b.start),
    body.subarray(a.start, a.end),
    body.subarray(b.end),
  ]
  return new Uint8Array(Buffer.concat(parts))
}

/**
 * Damages a response as specified by an action. Actions without a body (`status`, `delay`, `drop-cors`) do not change it.
 *
 * @param response the correct response
 * @param action the fault
 * @param signal ends a stall early
 */
export async function damageBody(
  response: Response,
  action: FaultAction,
  signal: AbortSignal,
): Promise<Response> {
  const { body } = response
  if (body === null) return response
  switch (action.do) {
    case 'cut':
      return replaceBody(response, alter(body, action.after, cut))
    case 'stall':
      return replaceBody(
        response,
        alter(body, action.after, () => sleep(action.ms, signal)),
      )
    case 'short': {
      const whole = new Uint8Array(await response.arrayBuffer())
      return replaceBody(response, whole.slice(0, action.after))
    }
    case 'swap': {
      const whole = new Uint8Array(await response.arrayBuffer())
      return replaceBody(response, swapRecords(whole, action.first, action.second))
    }
    case 'flip': {
      const whole = new Uint8Array(await response.arrayBuffer())
      if ('scheme' in action) flipScheme(whole, action.scheme)
      else if (action.at < whole.byteLength) whole[action.at]! ^= 1
      return replaceBody(response, whole)
    }
    default:
      return response
  }
}

function replaceBody(
  response: Response,
  body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
): Response {
  const replaced = new Response(body, response)
  if (body instanceof Uint8Array) replaced.headers.set('content-length', String(body.byteLength))
  return replaced
}

function cut(): never {
  throw new Error('The connection is cut on purpose.')
}

/** Passes `after` bytes, runs an action, and continues. */
function alter(
  body: ReadableStream<Uint8Array>,
  after: number,
  then: () => void | Promise<void>,
): ReadableStream<Uint8Array> {
  let left = after
  let passed = false
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      async transform(part, controller) {
        if (passed || part.byteLength <= left) {
          left -= part.byteLength
          controller.enqueue(part)
          return
        }
        passed = true
        if (left > 0) controller.enqueue(part.subarray(0, left))
        await then()
        controller.enqueue(part.subarray(left))
      },
    }),
  )
}
