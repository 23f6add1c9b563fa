import type { ByteRange } from '../../core/bytes.ts'
import { orAborted } from '../../core/async.ts'
import type { FileInfo, Refusal } from '../../data/index.ts'
import type { DownloadReader, FileSource, SourceOptions } from '../file-source.ts'

/** A source whose files are bytes of a test, released step by step. */
export class BytesSource implements FileSource {
  readonly known: FileInfo
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether the file counts as finished. */
  complete = false
  refusal: Refusal | undefined
  /** Bytes that become readable per step. */
  step = 7
  /** Position and error of a failure. */
  failure: { readonly at: number; readonly error: Error } | undefined
  /** Bytes that are missing in a read. */
  lost = 0
  /** Settles when bytes may be delivered. */
  proving: Promise<void> | undefined
  probes = 0
  /** Number of open demands. */
  open = 0

  constructor(bytes: Uint8Array<ArrayBuffer>, info: Partial<FileInfo> = {}) {
    this.bytes = bytes
    this.known = {
      url: 'https://hub.example/me/m/resolve/main/model.onnx',
      size: bytes.length,
      content: 'etag:test',
      etag: '"one"',
      fetchedAt: 0,
      ...info,
    }
  }

  async info(): Promise<{ info: FileInfo } | { refusal: Refusal }> {
    return this.refusal ? { refusal: this.refusal } : { info: this.known }
  }

  async stored(): Promise<Blob | undefined> {
    return this.complete ? new Blob([this.bytes]) : undefined
  }

  async probe(_info: FileInfo, { signal }: SourceOptions): Promise<Uint8Array<ArrayBuffer>> {
    signal?.throwIfAborted()
    this.probes += 1
    return this.bytes.slice(0, 1)
  }

  async demand(info: FileInfo, _range: ByteRange): Promise<DownloadReader> {
    this.open += 1
    let held = true
    return {
      info,
      taken: { range: { start: 0, end: 0 }, doubtful: [] },
      begun: async () => true,
      until: async (position, signal) => {
        if (this.proving) await orAborted(this.proving, signal)
        const { at, error } = this.failure ?? { at: Infinity }
        if (position >= at) throw error ?? new Error('It failed.')
        return Math.min(position + this.step, this.bytes.length, at)
      },
      read: async (start, end) => this.bytes.slice(start, end - this.lost),
      release: () => {
        if (held) this.open -= 1
        held = false
      },
    }
  }
}
