/**
 * Runs in the page: removes what libraries keep themselves of the files they got, so that they ask again.
 * Sent there as text, so it uses nothing from outside.
 */
export async function dropCopies(): Promise<void> {
  for (const name of ['transformers-cache', 'webllm/model']) await caches.delete(name)
  // Of wllama.
  const files = await navigator.storage.getDirectory()
  for await (const name of files.keys())
    if (name === 'cache') await files.removeEntry(name, { recursive: true })
}
