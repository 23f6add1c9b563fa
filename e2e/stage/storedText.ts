/**
 * Runs in the page: everything that scripts of its origin can have stored, as text. Bytes become one character each;
 * of large files only the printable texts are returned, because no page can hold a model of 260 MB as one text. It is
 * sent as text, so it must not use outer variables.
 *
 * @param prefix reads only databases, caches and folders with this prefix; libraries have storage of their own
 * @returns texts by place
 */
export async function storedText(prefix: string): Promise<Record<string, string>> {
  const latin = new TextDecoder('latin1')
  const asText = (value: unknown): string =>
    JSON.stringify(value, (_key, each: unknown) => {
      if (ArrayBuffer.isView(each) || each instanceof ArrayBuffer) return latin.decode(each)
      return each instanceof Map || each instanceof Set ? [...each] : each
    }) ?? ''
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- must be inside the function that is sent to the page
  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(request.error))
    })

  const databases: string[] = []
  for (const { name = '' } of await indexedDB.databases()) {
    if (!name.startsWith(prefix)) continue
    const database = await settled(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store)
      databases.push(name, store)
      databases.push(asText(await settled(objects.getAllKeys())))
      databases.push(asText(await settled(objects.getAll())))
    }
    database.close()
  }

  const cached: string[] = []
  for (const name of await caches.keys()) {
    if (!name.startsWith(prefix)) continue
    const cache = await caches.open(name)
    for (const request of await cache.keys()) {
      const response = await cache.match(request)
      cached.push(name, request.url, asText([...request.headers]))
      cached.push(asText([...(response?.headers ?? [])]), (await response?.text()) ?? '')
    }
  }

  const files: string[] = []
  const large = 32 * 2 ** 20
  const slice = 2 ** 20
  const overlap = 4096
  const walk = async (folder: FileSystemDirectoryHandle, start = ''): Promise<void> => {
    for await (const entry of folder.values()) {
      if (!entry.name.startsWith(start)) continue
      files.push(entry.name)
      if (entry.kind === 'directory') await walk(entry)
      else {
        const file = await entry.getFile()
        if (file.size < large) files.push(latin.decode(await file.arrayBuffer()))
        for (let at = 0; file.size >= large && at < file.size; at += slice) {
          const part = latin.decode(await file.slice(at, at + slice + overlap).arrayBuffer())
          files.push(...(part.match(/[ -~]{6,}/g) ?? []))
        }
      }
    }
  }
  await walk(await navigator.storage.getDirectory(), prefix)

  return {
    databases: databases.join('\n'),
    caches: cached.join('\n'),
    files: files.join('\n'),
    web: asText([localStorage, sessionStorage, document.cookie, location.href]),
  }
}
