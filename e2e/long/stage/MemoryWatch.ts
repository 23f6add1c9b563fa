import { readFileSync } from 'node:fs'
import type { BrowserContext } from '@playwright/test'
import { processesOf } from './processesOf.ts'

const everyMs = 100

/** Resident memory of a browser's processes by type, bytes: current and peak. Linux only: elsewhere all values are 0. */
export class MemoryWatch {
  readonly #ids: ReadonlyMap<string, readonly number[]>
  readonly #start: ReadonlyMap<string, number>
  readonly #peak = new Map<string, number>()
  readonly #timer: ReturnType<typeof setInterval>

  /** Starts with the current processes. Stop it with {@link end}. */
  static async of(context: BrowserContext): Promise<MemoryWatch> {
    const ids = new Map<string, number[]>()
    for (const { type, id } of await processesOf(context))
      ids.set(type, [...(ids.get(type) ?? []), id])
    return new MemoryWatch(ids)
  }

  private constructor(ids: ReadonlyMap<string, readonly number[]>) {
    this.#ids = ids
    this.#start = this.#now()
    this.#timer = setInterval(() => {
      for (const [type, bytes] of this.#now())
        this.#peak.set(type, Math.max(bytes, this.#peak.get(type) ?? 0))
    }, everyMs)
  }

  /** Peak growth of the processes of a type since the start. */
  growth(type: string): number {
    return (this.#peak.get(type) ?? 0) - (this.#start.get(type) ?? 0)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #now(): Map<string, number> {
    const sums = new Map<string, number>()
    for (const [type, ids] of this.#ids)
      sums.set(
        type,
        ids.reduce((sum, id) => sum + residentBytes(id), 0),
      )
    return sums
  }
}

function residentBytes(id: number): number {
  try {
    const [, kib = '0'] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? []
    return Number(kib) * 1024
  } catch {
    return 0
  }
}
