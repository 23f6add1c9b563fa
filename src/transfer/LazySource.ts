import type { ByteRange } from '../core/ByteRange.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { Demand } from './Demand.ts'
import type { FileSource, SourceOptions } from './FileSource.ts'
import type { FileVerdict } from './FileVerdict.ts'

/** A source that is looked for when it is asked. */
export class LazySource implements FileSource {
  readonly #source: () => Promise<FileSource>

  constructor(source: () => Promise<FileSource>) {
    this.#source = source
  }

  async info(url: string, options: SourceOptions): Promise<FileVerdict> {
    return await (await this.#source()).info(url, options)
  }

  async stored(info: FileInfo): Promise<Blob | undefined> {
    return await (await this.#source()).stored(info)
  }

  async demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<Demand> {
    return await (await this.#source()).demand(info, range, options)
  }

  async probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>> {
    return await (await this.#source()).probe(info, options)
  }
}
