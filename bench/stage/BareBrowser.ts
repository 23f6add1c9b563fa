import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { chromium } from 'playwright'
import { chromiumArgs } from '../../scripts/browser/chromiumArgs.ts'
import { installedBrowser } from '../../scripts/browser/installedBrowser.ts'

/** Longest wait for an answer of the browser, or for a page, milliseconds. */
const patienceMs = 300_000

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/**
 * Chromium with a new profile, over the DevTools protocol alone. Playwright has the bodies of responses inspected: the
 * renderer then holds up to 20 MB of each, and 200 MB of all.
 */
export class BareBrowser {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #answers = new Map<number, (answer: Answer) => void>()
  #calls = 0
  #rest = ''

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process
    this.#profile = profile
    const output = process.stdio[4] as Readable
    output.setEncoding('utf8').on('data', (text: string) => this.#receive(text))
  }

  static async open(): Promise<BareBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'bench-'))
    const path = installedBrowser() ?? chromium.executablePath()
    const args = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile}`]
    return new BareBrowser(
      spawn(path, [...chromiumArgs, ...args], {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      }),
      profile,
    )
  }

  async processes(): Promise<readonly { id: number; type: string }[]> {
    const { processInfo } = (await this.#call('SystemInfo.getProcessInfo')) as {
      processInfo: { id: number; type: string }[]
    }
    return processInfo
  }

  /** Opens a page, and waits until its script has run. */
  async page(url: string): Promise<BarePage> {
    const { targetId } = (await this.#call('Target.createTarget', { url })) as { targetId: string }
    const attach = { targetId, flatten: true }
    const { sessionId } = (await this.#call('Target.attachToTarget', attach)) as {
      sessionId: string
    }
    const evaluate = async (expression: string): Promise<unknown> => {
      const ask = { expression, awaitPromise: true, returnByValue: true }
      const { result, exceptionDetails } = (await this.#call(
        'Runtime.evaluate',
        ask,
        sessionId,
      )) as { result: { value?: unknown }; exceptionDetails?: object }
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
      return result.value
    }
    const until = Date.now() + patienceMs
    while (!(await evaluate('"bench" in globalThis'))) {
      if (Date.now() > until) throw new Error(`${url} does not load.`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return { evaluate, close: () => this.#call('Target.closeTarget', { targetId }) }
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit')
    await this.#call('Browser.close')
    await ended
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #call(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`No answer to ${method}.`)), patienceMs)
      this.#answers.set(id, ({ result, error }) => {
        clearTimeout(late)
        if (error) reject(new Error(`${method}: ${error.message}`))
        else resolve(result)
      })
      const input = this.#process.stdio[3] as Writable
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
  }

  #receive(text: string): void {
    const messages = (this.#rest + text).split('\0')
    this.#rest = messages.pop() ?? ''
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer
      if (answer.id === undefined) continue
      this.#answers.get(answer.id)?.(answer)
      this.#answers.delete(answer.id)
    }
  }
}

/** A page of a {@link BareBrowser}. */
export interface BarePage {
  /** @returns the value of an expression, awaited */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<unknown>
}
