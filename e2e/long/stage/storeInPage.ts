/** The stored files, by the catalog and by the disk. */
export interface StoreLook {
  /** Entries of the catalog. */
  readonly files: readonly {
    readonly name: string
    readonly content: string
    readonly size: number
    readonly state: string
  }[]
  /** Folders of removed files, whose bytes may still be read. */
  readonly removed: readonly string[]
  /** Sizes of files, by folder and name. */
  readonly folders: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Held locks of files. */
  readonly locks: readonly string[]
}

/** Runs in the page: reads modelferry's storage directly. It is sent there as text, so it uses nothing from outside. */
export async function storeInPage(): Promise<StoreLook> {
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- it must be sent along
  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(request.error))
    })
  const database = await settled(indexedDB.open('modelferry-catalog'))
  const store = database.transaction('catalog').objectStore('catalog')
  const all = (prefix: string): Promise<unknown[]> =>
    settled(store.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))
  const [files, removed] = await Promise.all([all('file:'), all('gone:')])
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
    removed: (removed as { name: string }[]).map(({ name }) => name),
    folders,
    locks: held.map(({ name = '' }) => name).filter((name) => name.startsWith('modelferry:file:')),
  }
}
