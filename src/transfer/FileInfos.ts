import { branchOf } from '../core/branchOf.ts'
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
import { commitOf } from './commitOf.ts'
import type { EngineTools } from './EngineTools.ts'
import type { SourceOptions } from './FileSource.ts'
import type { FileVerdict } from './FileVerdict.ts'
import { keptAnswer } from './keptAnswer.ts'
import { namedAnswer } from './namedAnswer.ts'
import { refusalFault } from './refusalFault.ts'
import { waitingTeller } from './waitingTeller.ts'

/** On whose behalf a file is asked for. */
export interface Caller {
  readonly asker: Asker
  readonly patient: boolean
  readonly signal: AbortSignal | undefined
}

/** What one question to the hub goes by. */
export interface InfoCall {
  readonly asker: Asker
  readonly patient: boolean
  /** Whether there is an answer without the hub's; then it is not waited for long. */
  readonly granted: boolean
  readonly signal: AbortSignal
}

/**
 * What the hub says about single addresses: from the device where that is fresh enough, else asked, once for
 * all who wait. `name` is always what the page calls the file, `address` where it is asked for and kept.
 */
export class FileInfos {
  readonly #tools: EngineTools
  readonly #keep: (info: FileInfo, body: Uint8Array<ArrayBuffer>) => Promise<void>
  readonly #calls = new SharedCalls<FileVerdict>()

  /** @param keep for a file that came whole with the answer about it */
  constructor(
    tools: EngineTools,
    keep: (info: FileInfo, body: Uint8Array<ArrayBuffer>) => Promise<void>,
  ) {
    this.#tools = tools
    this.#keep = keep
  }

  async caller(url: string, options: SourceOptions): Promise<Caller> {
    const { authorization, anonymous, signal, patient = false } = options
    const itself = anonymous || authorization !== undefined
    const asker = await (itself ? askerOf(authorization) : this.#tools.asker(url))
    return { asker, patient, signal }
  }

  async of(name: string, address: string, caller: Caller): Promise<FileVerdict> {
    const { asker, patient, signal } = caller
    const { grant } = asker
    const { store, net } = this.#tools
    const kept = await keptAnswer(store, address, grant, net.clock.now())
    if (kept && (kept.fresh || net.backoff.left(address) > 0)) {
      if ('refusal' in kept.answer) this.#tell(name, kept.answer.refusal, false)
      return namedAnswer(kept.answer, name)
    }
    const granted = kept !== undefined
    try {
      const answer = await this.#calls.join(
        `${patient} ${grant} ${name} ${address}`,
        async (signal) =>
          (await this.ask(name, address, { asker, patient, granted, signal })).answer,
        signal,
      )
      if ('refusal' in answer && [401, 403].includes(answer.refusal.status) && granted)
        await store.dropUrl(address, grant)
      // A gateway whose hub is down answers in its place; what the hub said last still holds.
      const down = 'refusal' in answer && isTransient(answer.refusal.status)
      return down && kept ? namedAnswer(kept.answer, name) : answer
    } catch (error) {
      signal?.throwIfAborted()
      if (kept && error instanceof FerryError && error.retryable)
        return namedAnswer(kept.answer, name)
      throw error
    }
  }

  /**
   * Asks the hub, and keeps what it says: of a branch's file under the commit that it names.
   *
   * @returns with the answer, whom it is for: another asker where the credential was renewed over it
   */
  async ask(
    name: string,
    address: string,
    call: InfoCall,
  ): Promise<{ readonly answer: FileVerdict; readonly asker: Asker }> {
    const { patient, granted, signal } = call
    const { net, store, channel, bareFetch: fetch } = this.#tools
    const now = net.clock.now()
    const answerBy = granted ? now : patient ? Infinity : now + net.retry.patienceMs
    const retry = granted ? { ...net.retry, attempts: 1, firstByteMs: 5000 } : net.retry
    const waiting = waitingTeller(channel, net.clock, name)
    const ask = (authorization: string | undefined): Promise<FileAnswer> =>
      askFileInfo({
        ...net,
        answerBy,
        signal,
        fetch,
        retry,
        url: address,
        name,
        authorization,
        waiting,
      })
    let { asker } = call
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
    const branch = branchOf(address)
    const commit = commitOf(answer)
    const place = branch && commit ? branch.at(commit) + branch.path : address
    if ('info' in answer) {
      const { info, body } = answer
      // Where it cannot be kept, whoever wants the bytes asks for them the usual way.
      if (body) await this.#keep(info, body).catch(() => undefined)
      const placed = { ...info, url: place }
      if (await asker.isCurrent()) await store.saveUrl(placed, grant)
      return { answer: namedAnswer({ info: placed }, name), asker }
    }
    const { refusal } = answer
    if (answer.missing && (await asker.isCurrent()))
      await store.saveMissing({ url: place, grant, refusal, checkedAt: net.clock.now() })
    if (!granted || !isTransient(refusal.status))
      this.#tell(name, refusal, authorization !== undefined)
    return { answer, asker }
  }

  #tell(url: string, refusal: Refusal, hadToken: boolean): void {
    const fault = refusalFault(url, refusal, hadToken)
    if (fault) this.#tools.channel.emit({ name: 'fault', detail: encodeError(fault) })
  }
}

function isUnauthorized(answer: FileVerdict): boolean {
  return 'refusal' in answer && answer.refusal.status === 401
}
