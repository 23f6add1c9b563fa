/**
 * Runs in the page: marks all stored files as unused for an hour, because a test cannot wait that long. It is sent
 * there as text, so it uses nothing from outside.
 */
export async function ageFiles(): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('modelferry-catalog')
    opening.addEventListener('success', () => resolve(opening.result))
    opening.addEventListener('error', () => reject(opening.error))
  })
  const transaction = database.transaction('catalog', 'readwrite')
  const done = new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error))
  })
  const store = transaction.objectStore('catalog')
  const opened = store.openCursor(IDBKeyRange.bound('file:', 'file:\uffff'))
  opened.addEventListener('success', () => {
    const { result: cursor } = opened
    if (cursor === null) return
    const file = cursor.value as { lastUsed: number }
    cursor.update({ ...file, lastUsed: file.lastUsed - 60 * 60_000 })
    cursor.continue()
  })
  await done
  database.close()
}
