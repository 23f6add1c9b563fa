/** What is on the device, as the catalog and as the disk tell it. */
export interface StoreLook {
  /** Entries of the catalog. */
  readonly files: readonly {
    readonly name: string
    readonly content: string
    readonly size: number
    readonly state: string
  }[]
  /** Folders whose file was removed, and whose bytes may still be read by somebody. */
  readonly gone: readonly string[]
  /** Sizes of files, by folder and name. */
  readonly folders: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Locks of files that are held. */
  readonly locks: readonly string[]
}

/** Runs in the page: looks past modelferry at what it stores. Sent there as text, so it uses nothing from outside. */
export async function storeInPage(): Promise<StoreLook> {
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- it has to be sent along
  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(request.error))
    })
  const database = await settled(indexedDB.open('modelferry-catalog'))
  const store = database.transaction('catalog').objectStore('catalog')
  const all = (prefix: string): Promise<unknown[]> =>
    settled(store.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))
  const [files, gone] = await Promise.all([all('file:'), all('gone:')])
  database.close()

  const folders: Record<string, Record<string, number>> = {}
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('modelferry')
  for await (const folder of root.values()) {
    const sizes: Record<string, number> = {}
    for await (const file of (folder as FileSystemDirectoryHandle).values())
      sizes[file.name] = (await (file as FileSystemFileHandle).getFile()).size
    folders[folder.name] = sizes
  }
  const { held = [] } = await navigator.locks.query()
  return {
    files: files as StoreLook['files'],
    gone: (gone as { name: string }[]).map(({ name }) => name),
    folders,
    locks: held.map(({ name = '' }) => name).filter((name) => name.startsWith('modelferry:file:')),
  }
}
