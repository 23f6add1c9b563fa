import type { DeviceUsage } from '../protocol/DeviceUsage.ts'
import type { HeldFile } from '../protocol/HeldFile.ts'
import type { KeptCopy } from '../protocol/KeptCopy.ts'
import { idbRecordStore } from '../reconstruction/idbRecordStore.ts'
import type { Store } from '../store/Store.ts'
import { addressesOf } from './addressesOf.ts'
import { branchNames } from './branchNames.ts'
import { findCopies } from './copies/findCopies.ts'
import { removeCopies } from './copies/removeCopies.ts'
import { heldFile } from './heldFile.ts'
import type { KeptAnswers } from './KeptAnswers.ts'
import { takeBack } from './takeBack.ts'
import { tidyRecords } from './tidyRecords.ts'

/** What is on the device, by the names that a page knows. */
export class Device {
  readonly #store: Store
  readonly #answers: KeptAnswers
  readonly #client: string

  /** @param client whose view of branches counts */
  constructor(store: Store, answers: KeptAnswers, client: string) {
    this.#store = store
    this.#answers = answers
    this.#client = client
  }

  async files(): Promise<readonly HeldFile[]> {
    const store = this.#store
    const [files, branches] = await Promise.all([store.files(), store.branches.told()])
    const addresses = files.flatMap(({ urls }) => urls.map(({ url }) => url))
    const names = branchNames(addresses, branches)
    return files.map((file) => heldFile(file, names))
  }

  async holds(url: string): Promise<boolean> {
    const [content] = await this.#contentsOf(url)
    return content !== undefined && (await this.#store.file(content)) !== undefined
  }

  async verify(url: string): Promise<boolean> {
    const [content] = await this.#contentsOf(url)
    const found = content === undefined ? undefined : await this.#store.verify(content)
    if (content !== undefined && found && !found.intact) await takeBack(this.#store, content)
    return found?.intact ?? false
  }

  async remove(url: string): Promise<boolean> {
    const contents = await this.#contentsOf(url)
    for (const content of contents) await this.#store.remove(content)
    const answered = await this.#answers.remove(url)
    return contents.length > 0 || answered
  }

  async clear(): Promise<void> {
    await Promise.all([this.#store.clear(), this.#answers.clear()])
    await tidyRecords(idbRecordStore(), this.#store, Infinity)
  }

  async pin(url: string, pinned: boolean): Promise<void> {
    const [content] = await this.#contentsOf(url)
    if (content !== undefined) await this.#store.pin(content, pinned)
  }

  async usage(): Promise<DeviceUsage> {
    const [room, copies, notes, runtimes] = await Promise.all([
      this.#store.usage(),
      findCopies(await this.files()),
      this.#answers.size('notes'),
      this.#answers.size('runtimes'),
    ])
    return { ...room, copies, notes, runtimes }
  }

  async removeCopies(signal: AbortSignal): Promise<readonly KeptCopy[]> {
    return await removeCopies(this, signal)
  }

  /** What a URL leads to: of a branch, first what this page sees, then what others may see. */
  async #contentsOf(url: string): Promise<readonly string[]> {
    const addresses = await addressesOf(this.#store, url.split('#', 1)[0] ?? '', this.#client)
    const known = await Promise.all(addresses.map((address) => this.#store.url(address)))
    return [...new Set(known.flatMap((entry) => (entry ? [entry.info.content] : [])))]
  }
}
