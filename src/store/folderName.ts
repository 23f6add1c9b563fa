/** A new folder's name for these bytes: readable, and never the same again. */
export function folderName(content: string): string {
  const stem = content.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `${stem.slice(0, 80)}.${crypto.randomUUID()}`
}
