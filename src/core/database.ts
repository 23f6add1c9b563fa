import type { UseStore } from 'idb-keyval'

/**
 * An IndexedDB database with one object store, for idb-keyval. Unlike its `createStore`, the connection closes when
 * the database is deleted (by the app, or by "clear site data"). So the deletion is not blocked, and the next use
 * opens the database again.
 *
 * @throws the error of IndexedDB, at the first use
 * @example await set('key', value, openDatabase('modelferry-records', 'records'))
 */
export function openDatabase(name: string, storeName: string): UseStore {
  let opened: Promise<IDBDatabase> | undefined
  const forget = (): void => void (opened = undefined)
  const open = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name)
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore(storeName))
      request.addEventListener('error', () => reject(request.error))
      request.addEventListener('success', () => {
        const database = request.result
        database.addEventListener('close', forget)
        database.addEventListener('versionchange', () => {
          forget()
          database.close()
        })
        resolve(database)
      })
    })
  const transaction = async (mode: IDBTransactionMode): Promise<IDBObjectStore> => {
    opened ??= open()
    opened.catch(forget)
    const database = await opened
    return database.transaction(storeName, mode).objectStore(storeName)
  }
  return async (mode, work) => {
    // The connection may have been closed a moment ago. Work that has begun is never repeated.
    const store = await transaction(mode).catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error
      forget()
      return transaction(mode)
    })
    return await work(store)
  }
}
