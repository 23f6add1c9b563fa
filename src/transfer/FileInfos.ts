import { FerryError } from '../core/FerryError.ts'
import { isTransient } from '../net/isTransient.ts'
import { SharedCalls } from '../net/SharedCalls.ts'
import { encodeError } from '../protocol/encodeError.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { Refusal } from '../protocol/Refusal.ts'
import { askFileInfo } from '../reconstruction/askFileInfo.ts'
import type { FileAnswer } from '../reconstruction/askFileInfo.ts'
import type { Asker } from './Asker.ts'
import { askerOf } from './askerOf.ts'
import type { EngineTools } from './EngineTools.ts'
import type { SourceOptions } from './FileSource.ts'
import { keptAnswer } from './keptAnswer.ts'
import { refusalFault } from './refusalFault.ts'
import { waitingTeller } from './waitingTeller.ts'

type Info = { info: FileInfo } | { refusal: Refusal }

interface InfoCall {
  readonly asker: Asker
  /** Whether the device knows an answer already. */
  readonly granted: boolean
  readonly answerBy: number
  readonly signal: AbortSignal
}

/** What the hub says about files: from the device where that is fresh enough, else asked, once for all who wait. */
export class FileInfos {
  readonly #tools: EngineTools
  readonly #keep: (info: FileInfo, body: Uint8Array<ArrayBuffer>) => Promise<void>
  readonly #calls = new SharedCalls<Info>()

  /** @param keep for a file that came whole with the answer about it */
  constructor(
    tools: EngineTools,
    keep: (info: FileInfo, body: Uint8Array<ArrayBuffer>) => Promise<void>,
  ) {
    this.#tools = tools
    this.#keep = keep
  }

  async of(url: string, options: SourceOptions): Promise<Info> {
    const { authorization, anonymous, signal, patient = false } = options
    const { store, net } = this.#tools
    const itself = anonymous || authorization !== undefined
    const asker = await (itself ? askerOf(authorization) : this.#tools.asker(url))
    const { grant } = asker
    const now = net.clock.now()
    const kept = await keptAnswer(store, url, grant, now)
    if (kept && (kept.fresh || net.backoff.left(url) > 0)) {
      if ('refusal' in kept.answer) this.#tell(url, kept.answer.refusal, false)
      return kept.answer
    }
    const granted = kept !== undefined
    const answerBy = granted ? now : patient ? Infinity : now + net.retry.patienceMs
    const ask = (signal: AbortSignal): Promise<Info> =>
      this.#ask(url, { asker, granted, answerBy, signal })
    try {
      const answer = await this.#calls.join(`${patient} ${grant} ${url}`, ask, signal)
      if ('refusal' in answer && [401, 403].includes(answer.refusal.status) && granted)
        await store.dropUrl(url, grant)
      // A gateway whose hub is down answers in its place; what the hub said last still holds.
      const down = 'refusal' in answer && isTransient(answer.refusal.status)
      return down && kept ? kept.answer : answer
    } catch (error) {
      signal?.throwIfAborted()
      if (kept && error instanceof FerryError && error.retryable) return kept.answer
      throw error
    }
  }

  async #ask(url: string, { asker: first, granted, ...call }: InfoCall): Promise<Info> {
    const { net, store, channel, bareFetch: fetch } = this.#tools
    const retry = granted ? { ...net.retry, attempts: 1, firstByteMs: 5000 } : net.retry
    const waiting = waitingTeller(channel, net.clock, url)
    const ask = (authorization: string | undefined): Promise<FileAnswer> =>
      askFileInfo({ ...net, ...call, fetch, retry, url, authorization, waiting })
    let asker = first
    let authorization = await asker.authorization()
    let answer = await ask(authorization)
    if (authorization !== undefined && isUnauthorized(answer)) {
      const renewed = await asker.renewed(authorization)
      if (renewed) {
        asker = renewed
        authorization = await asker.authorization()
        answer = await ask(authorization)
      }
    }
    const { grant } = asker
    if ('info' in answer) {
      // Where it cannot be kept, whoever wants the bytes asks for them the usual way.
      if (answer.body) await this.#keep(answer.info, answer.body).catch(() => undefined)
      if (await asker.isCurrent()) await store.saveUrl(answer.info, grant)
      return { info: answer.info }
    } else {
      const { refusal } = answer
      if (answer.missing && (await asker.isCurrent()))
        await store.saveMissing({ url, grant, refusal, checkedAt: net.clock.now() })
      if (!granted || !isTransient(refusal.status))
        this.#tell(url, refusal, authorization !== undefined)
    }
    return answer
  }

  #tell(url: string, refusal: Refusal, hadToken: boolean): void {
    const fault = refusalFault(url, refusal, hadToken)
    if (fault) this.#tools.channel.emit({ name: 'fault', detail: encodeError(fault) })
  }
}

function isUnauthorized(answer: Info): boolean {
  return 'refusal' in answer && answer.refusal.status === 401
}
