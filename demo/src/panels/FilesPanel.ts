import type { HeldFile, LoadState } from 'modelferry'
import type { DemoFile } from '../Manifest.ts'
import type { Answer } from '../models/Answer.ts'
import { element } from './element.ts'
import { FileRow } from './FileRow.ts'
import { formatBytes } from './formatBytes.ts'
import { Throughput } from './Throughput.ts'
import { ThroughputGraph } from './ThroughputGraph.ts'

/** After this time without progress, the throughput is 0. */
const IDLE_MS = 1500

/** All model files and the throughput. */
export class FilesPanel {
  readonly #rows: Map<string, FileRow>
  readonly #throughput: Throughput = new Throughput()
  readonly #graph: ThroughputGraph = new ThroughputGraph(element('graph', HTMLCanvasElement))
  readonly #speed: HTMLElement = element('speed', HTMLElement)
  #idle: ReturnType<typeof setTimeout> | undefined

  /** @param onFetch called with the URL of a file that the user prefetches */
  constructor(files: readonly DemoFile[], onFetch: (url: string) => void) {
    this.#rows = new Map(
      files.map((file) => [file.url, new FileRow(file, () => onFetch(file.url))]),
    )
    element('files', HTMLElement).append(...[...this.#rows.values()].map((row) => row.element))
  }

  set fetchable(fetchable: boolean) {
    for (const row of this.#rows.values()) row.fetchable = fetchable
  }

  progress(state: LoadState): void {
    this.#rows.get(state.url)?.progress(state)
    this.#throughput.add(state.content, state.fetched, performance.now())
    const series = this.#throughput.series()
    this.#graph.show(series)
    this.#speed.textContent = `${formatBytes(series.at(-1) ?? 0)}/s`
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => (this.#speed.textContent = 'idle'), IDLE_MS)
  }

  /** @param files all files on the device */
  held(files: readonly HeldFile[]): void {
    const held = new Map(files.flatMap((file) => file.urls.map((url) => [url, file])))
    for (const [url, row] of this.#rows) {
      const file = held.get(url)
      if (file === undefined) row.away()
      else row.held(file)
    }
  }

  answered(answer: Answer): void {
    this.#rows.get(answer.url)?.answered(answer)
  }
}
