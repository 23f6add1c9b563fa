import { readFileSync } from 'node:fs'
import { platform } from 'node:os'
import type { BrowserContext } from 'playwright'

/** How often memory is looked at, milliseconds. */
const stepMs = 25

interface Usage {
  /** Processes that run pages and workers, bytes resident. */
  readonly renderers: number
  /** These, the browser itself, its network and its storage. */
  readonly all: number
}

/** Watches the memory of a browser's processes until it is told to stop. */
export class MemoryWatch {
  readonly #first: Usage
  readonly #timer: ReturnType<typeof setInterval>
  #most: Usage

  private constructor(read: () => Usage) {
    this.#first = read()
    this.#most = this.#first
    this.#timer = setInterval(() => {
      const { renderers, all } = read()
      this.#most = {
        renderers: Math.max(this.#most.renderers, renderers),
        all: Math.max(this.#most.all, all),
      }
    }, stepMs)
  }

  /** @throws Error where the system does not tell what a process takes */
  static async start(context: BrowserContext): Promise<MemoryWatch> {
    if (platform() !== 'linux') throw new Error('Memory can only be measured on Linux.')
    const processes = await processesOf(context)
    return new MemoryWatch(() => {
      const bytes = processes.map(({ id, type }) => ({ type, resident: residentBytes(id) }))
      const sum = (some: typeof bytes): number => some.reduce((all, one) => all + one.resident, 0)
      return { renderers: sum(bytes.filter(({ type }) => type === 'renderer')), all: sum(bytes) }
    })
  }

  /** @returns how much more it was at the most than at the start, bytes */
  stop(): Usage {
    clearInterval(this.#timer)
    const { renderers, all } = this.#most
    return { renderers: renderers - this.#first.renderers, all: all - this.#first.all }
  }
}

async function processesOf(context: BrowserContext): Promise<{ id: number; type: string }[]> {
  const browser = context.browser()
  if (browser === null) throw new Error('The browser does not tell its processes.')
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo
}

/** 0 for a process that has ended. */
function residentBytes(id: number): number {
  try {
    const kibi = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]
    return Number(kibi ?? 0) * 1024
  } catch {
    return 0
  }
}
