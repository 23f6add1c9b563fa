import { FerryError, redactSecrets, redactUrl, type FerryErrorCode } from '../core/index.ts'
import {
  channelName,
  protocolNumber,
  type Envelope,
  type QuestionName,
  type Questions,
} from './messages.ts'
import { transferHandlers, type TransferHandler } from 'comlink'
import type { FerryEvent, ErrorData } from '../data/index.ts'

/** The time limit and the recipient of a question. */
export interface AskOptions<Name extends QuestionName = QuestionName> {
  /** Id of the recipient; absent: all realms, and the first answer counts. */
  readonly to?: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** An answer that ends the wait; another one is used only when the time is over. Default: any. */
  readonly prefer?: (answer: Questions[Name]['answer']) => boolean
}

/** An answer and its sender. */
export interface Answered<Name extends QuestionName> {
  readonly from: string
  readonly answer: Questions[Name]['answer']
}

/** An envelope without the fields that the channel adds. */
type Outgoing = Envelope extends infer One
  ? One extends Envelope
    ? Omit<One, 'protocol' | 'from'>
    : never
  : never

/**
 * Questions and events between the realms of one origin. Messages bypass the page's main thread, and nothing has to
 * be set up again after a restart of the service worker. Every question has a time limit and can be cancelled; the
 * answering side then sees its signal aborted.
 *
 * @example
 * const channel = new Channel()
 * const { from } = await channel.ask('locate', ask, { timeoutMs: 1000 })
 */
export class Channel {
  /** Identifies this realm; new after each start. */
  readonly id: string = crypto.randomUUID()
  readonly #port: BroadcastChannel
  readonly #pending = new Map<string, (envelope: Envelope) => void>()
  readonly #listeners = new Set<(envelope: Envelope) => void>()
  #closed = false

  /** @param name of the BroadcastChannel; tests use their own */
  constructor(name: string = channelName) {
    this.#port = new BroadcastChannel(name)
    this.#port.addEventListener('message', ({ data }: MessageEvent<Envelope>) => this.#take(data))
  }

  /**
   * @throws FerryError `timeout` when no answer came in time, `closed`, the signal's reason, or the error
   *   that the other side sent
   */
  ask<Name extends QuestionName>(
    name: Name,
    ask: Questions[Name]['ask'],
    { to, timeoutMs, signal, prefer }: AskOptions<Name>,
  ): Promise<Answered<Name>> {
    const id = crypto.randomUUID()
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (this.#closed) return reject(closed())
      let spare: Answered<Name> | undefined
      const settle = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        this.#pending.delete(id)
      }
      const giveUp = (reason: unknown): void => {
        settle()
        this.tell({ kind: 'cancel', id, to })
        reject(reason)
      }
      const cancel = (): void => giveUp(signal?.reason)
      const timer = setTimeout(() => {
        const late = `No reply to "${name}" within ${timeoutMs} ms.`
        if (spare === undefined) return giveUp(new FerryError('timeout', late, { retryable: true }))
        settle()
        resolve(spare)
      }, timeoutMs)
      signal?.addEventListener('abort', cancel, { once: true })
      this.#pending.set(id, (envelope) => {
        if (envelope.kind === 'answer') {
          const answered = { from: envelope.from, answer: envelope.answer as never }
          if (prefer && !prefer(answered.answer)) {
            spare ??= answered
            return
          }
          resolve(answered)
        } else if (envelope.kind === 'error') reject(decodeError(envelope.error))
        settle()
      })
      this.tell({ kind: 'ask', id, name, ask, to } as Outgoing)
    })
  }

  /** Sends a message that needs no answer; does nothing once the channel is closed. */
  tell(message: Outgoing): void {
    // Work that ends after the channel was closed may still send messages. They have no receiver.
    if (this.#closed) return
    this.#port.postMessage({ ...message, protocol: protocolNumber, from: this.id })
  }

  emit(event: FerryEvent): void {
    this.tell({ kind: 'event', event })
  }

  /** @returns a function that removes the listener */
  listen(listener: (envelope: Envelope) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Cancels pending questions; the channel cannot be used afterwards. */
  close(): void {
    const error = plainError(closed())
    for (const [id, settle] of this.#pending)
      settle({ protocol: protocolNumber, from: this.id, kind: 'error', id, error })
    this.#closed = true
    this.#port.close()
  }

  #take(envelope: Envelope): void {
    if (envelope?.protocol !== protocolNumber && !saysVersion(envelope, this.id)) return
    if (envelope.to !== undefined && envelope.to !== this.id) return
    if (envelope.kind === 'answer' || envelope.kind === 'error')
      this.#pending.get(envelope.id)?.(envelope)
    for (const listener of this.#listeners) listener(envelope)
  }
}

/** Only the question for the release is answered across protocol versions. */
function saysVersion(envelope: Envelope, to: string): boolean {
  return envelope?.kind === 'answer'
    ? envelope.to === to
    : envelope?.kind === 'ask' && envelope.name === 'version'
}

function closed(): FerryError {
  return new FerryError('closed', 'The connection was closed.')
}

/** The answers of one realm, by question. `undefined`: this realm is not concerned and stays silent. */
type Answers = {
  [Name in QuestionName]?: (
    ask: Questions[Name]['ask'],
    context: { readonly from: string; readonly signal: AbortSignal },
  ) => Promise<Questions[Name]['answer'] | undefined>
}

/**
 * A channel that also answers questions, for workers. Pages only ask.
 *
 * @example
 * const channel = new AnsweringChannel()
 * channel.answer({ locate: async () => ({ own: true }) })
 */
export class AnsweringChannel extends Channel {
  readonly #working = new Map<string, AbortController>()
  #answers: Answers = {}

  /** @param name of the BroadcastChannel; tests use their own */
  constructor(name?: string) {
    super(name)
    this.listen((envelope) => {
      if (envelope.kind === 'cancel') this.#working.get(envelope.id)?.abort()
      else if (envelope.kind === 'ask') void this.#reply(envelope)
    })
  }

  /** Sets the answers of this realm; other questions stay unanswered. */
  answer(answers: Answers): void {
    this.#answers = { ...this.#answers, ...answers }
  }

  override close(): void {
    for (const work of this.#working.values()) work.abort()
    super.close()
  }

  async #reply(envelope: Envelope & { kind: 'ask' }): Promise<void> {
    const { id, from: to, name, ask } = envelope
    const work = this.#answers[name] as
      | ((ask: unknown, context: { from: string; signal: AbortSignal }) => Promise<unknown>)
      | undefined
    if (!work) return
    const abort = new AbortController()
    this.#working.set(id, abort)
    try {
      const answer = await work(ask, { from: to, signal: abort.signal })
      if (answer !== undefined) this.tell({ kind: 'answer', id, to, answer })
    } catch (error) {
      this.tell({ kind: 'error', id, to, error: encodeError(error) })
    } finally {
      this.#working.delete(id)
    }
  }
}

/**
 * Turns any thrown value into data that survives a realm boundary, unchanged: for a page and its own worker. Errors
 * for other realms go through `encodeError`.
 *
 * @param error a FerryError keeps its code; an abort becomes `aborted`, everything else `fallback`
 * @param fallback code for foreign errors
 */
export function plainError(error: unknown, fallback: FerryErrorCode = 'worker'): ErrorData {
  if (error instanceof FerryError) {
    const { code, message, retryable, url, status, errorCode } = error
    return { code, message, retryable, url, status, errorCode }
  }
  const { name, message } =
    error instanceof Error || error instanceof DOMException ? error : new Error(String(error))
  const code = name === 'AbortError' ? 'aborted' : name === 'TimeoutError' ? 'timeout' : fallback
  return { code, message, retryable: code === 'timeout' }
}

/**
 * Turns any thrown value into data that may leave the realm. Absolute URLs in its message lose their query, with any
 * parameters, and texts that look like secrets are removed.
 *
 * @param fallback code for foreign errors
 */
export function encodeError(error: unknown, fallback?: FerryErrorCode): ErrorData {
  const data = plainError(error, fallback)
  const bare = data.message.replaceAll(/https?:\/\/[^\s"'<>]+/g, (url) => redactUrl(url))
  return { ...data, message: redactSecrets(bare) }
}

/** Restores the FerryError from the result of {@link encodeError}. */
export function decodeError({ code, message, ...options }: ErrorData): FerryError {
  return new FerryError(code, message, options)
}

interface Thrown {
  readonly value: unknown
}

/**
 * Replaces Comlink's transfer handler named `throw`, on both ends: its own handler keeps only name, message and
 * stack. (Comlink 4.4 recognises a thrown value by a marker that its own handler checks.)
 *
 * @param encode converts the errors that are thrown on this end
 */
function errorTransfer(
  own: TransferHandler<unknown, unknown>,
  encode: (error: unknown) => ErrorData,
): TransferHandler<Thrown, ErrorData> {
  return {
    canHandle: (value): value is Thrown => own.canHandle(value),
    serialize: ({ value }) => [encode(value), []],
    deserialize: (data) => {
      throw decodeError(data)
    },
  }
}

/**
 * Lets FerryErrors cross Comlink without loss. Both ends call it before the first call.
 *
 * @param encode converts the errors that are thrown on this end
 */
export function registerErrorTransfer(encode: (error: unknown) => ErrorData): void {
  const own = transferHandlers.get('throw')
  if (own) transferHandlers.set('throw', errorTransfer(own, encode))
}
