/** The folder of a store. */
export async function rootOf(root: string): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(root)
}
