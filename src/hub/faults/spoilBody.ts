import { sleep } from '../../core/sleep.ts'
import type { FaultAction } from './FaultAction.ts'
import { flipScheme } from './flipScheme.ts'
import { swapRecords } from './swapRecords.ts'

/**
 * Damages an answer as an action says. Actions that need no body (`status`, `delay`, `drop-cors`) leave it alone.
 *
 * @param response the good answer
 * @param action what goes wrong
 * @param signal ends a stall early
 */
export async function spoilBody(
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

/** Lets `after` bytes through, does something, and goes on. */
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
