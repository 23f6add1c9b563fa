/**
 * Runs in the page: removes the libraries' own copies of files, so that they request them again. It is sent to the
 * page as text, so it must not use outer variables.
 */
export async function dropCopies(): Promise<void> {
  for (const name of ['transformers-cache', 'webllm/model']) await caches.delete(name)
  // The copies of wllama.
  const files = await navigator.storage.getDirectory()
  for await (const name of files.keys())
    if (name === 'cache') await files.removeEntry(name, { recursive: true })
}
