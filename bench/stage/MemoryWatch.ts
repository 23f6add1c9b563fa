import { readFileSync } from 'node:fs'
import { platform } from 'node:os'

/** Time between two measurements, milliseconds. */
const stepMs = 25

interface Usage {
  /** Resident bytes of the processes that run pages and workers. */
  readonly renderers: number
  /** Resident bytes of all processes of the browser. */
  readonly all: number
}

/** Watches the memory of a browser's processes until it is stopped. */
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

  /** @throws Error when the system does not report the memory of a process */
  static start(processes: readonly { id: number; type: string }[]): MemoryWatch {
    if (platform() !== 'linux') throw new Error('Memory can only be measured on Linux.')
    return new MemoryWatch(() => {
      const bytes = processes.map(({ id, type }) => ({ type, resident: residentBytes(id) }))
      const sum = (some: typeof bytes): number => some.reduce((all, one) => all + one.resident, 0)
      return { renderers: sum(bytes.filter(({ type }) => type === 'renderer')), all: sum(bytes) }
    })
  }

  /** @returns the maximum increase since the start, bytes */
  stop(): Usage {
    clearInterval(this.#timer)
    const { renderers, all } = this.#most
    return { renderers: renderers - this.#first.renderers, all: all - this.#first.all }
  }
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
