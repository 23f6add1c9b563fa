import type { CarriedRequest } from './CarriedRequest.ts'
import type { CarriedResponse } from './CarriedResponse.ts'
import type { DeviceUsage } from './DeviceUsage.ts'
import type { HeldFile } from './HeldFile.ts'
import type { KeptCopy } from './KeptCopy.ts'
import type { LoadedFile } from './LoadedFile.ts'
import type { LoaderConfig } from './LoaderConfig.ts'
import type { RealmVersion } from './RealmVersion.ts'
import type { RevisionChange } from './RevisionChange.ts'

/** What the loader worker offers its page, through Comlink. Calls with an id end with `cancel(id)`. */
export interface LoaderApi {
  /**
   * Has to be the first call. The token's provider is told whether the last one was refused with 401.
   *
   * @param partition says who is signed in; null: nobody can say
   */
  configure(
    config: LoaderConfig,
    token: ((refused: boolean) => Promise<string | undefined>) | null,
    partition: (() => Promise<string | undefined>) | null,
  ): Promise<RealmVersion>
  fetch(id: string, request: CarriedRequest): Promise<CarriedResponse>
  /**
   * Brings one file onto the device.
   *
   * @param commit which one is meant where the URL names a branch; absent: the one that the page sees
   */
  load(id: string, url: string, commit?: string): Promise<LoadedFile>
  /**
   * @param hub absent: the first one
   * @returns what the newest commit of a branch would change; `base` is the branch's address up to the revision
   */
  look(
    id: string,
    branch: { repo: string; revision: string; hub?: string },
  ): Promise<{ base: string; change: RevisionChange }>
  /** Makes a commit what new pages get of a branch. */
  move(id: string, base: string, to: string): Promise<void>
  cancel(id: string): void
  files(): Promise<readonly HeldFile[]>
  /** @returns whether all bytes of the file of a URL are here, proven */
  holds(url: string): Promise<boolean>
  /** @returns whether every stored byte is what was proven; what is not is fetched again when it is asked for */
  verify(url: string): Promise<boolean>
  remove(url: string): Promise<boolean>
  clear(): Promise<void>
  pin(url: string, pinned: boolean): Promise<void>
  /** Takes back what may be answered to whoever is signed in; the bytes stay. */
  signOut(): Promise<void>
  usage(): Promise<DeviceUsage>
  /** @returns what libraries kept a second time, and keep no more */
  removeCopies(id: string): Promise<readonly KeptCopy[]>
  close(): void
}
