/**
 * Runs in the page: makes the stored revisions of branches look an hour old, because a test cannot wait that long. It
 * is sent to the page as text, so it must not use outer variables.
 *
 * @returns number of URLs
 */
export async function ageUrls(): Promise<number> {
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
  let aged = 0
  const store = transaction.objectStore('catalog')
  for (const kind of ['url:', 'branch:']) {
    const opened = store.openCursor(IDBKeyRange.bound(kind, `${kind}\uffff`))
    opened.addEventListener('success', () => {
      const { result: cursor } = opened
      if (cursor === null) return
      const known = cursor.value as { checkedAt: number }
      cursor.update({ ...known, checkedAt: known.checkedAt - 60 * 60_000 })
      if (kind === 'url:') aged++
      cursor.continue()
    })
  }
  await done
  database.close()
  return aged
}
