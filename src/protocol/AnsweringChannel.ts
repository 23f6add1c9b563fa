import { Channel } from './Channel.ts'
import { encodeError } from './encodeError.ts'
import type { Envelope } from './Envelope.ts'
import type { QuestionName, Questions } from './Question.ts'

/** How one realm answers the questions it knows; `undefined`: it is not the one meant, and says nothing. */
export type Answers = {
  [Name in QuestionName]?: (
    ask: Questions[Name]['ask'],
    context: { readonly from: string; readonly signal: AbortSignal },
  ) => Promise<Questions[Name]['answer'] | undefined>
}

/**
 * A channel that answers questions as well: a worker's. Pages only ask.
 *
 * @example
 * const channel = new AnsweringChannel()
 * channel.answer({ roll: async () => ({ own: true }) })
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

  /** Sets how questions are answered here; what is not named goes unanswered. */
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
