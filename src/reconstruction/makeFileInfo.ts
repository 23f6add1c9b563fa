import type { FileInfo } from '../protocol/FileInfo.ts'

type Known = Pick<FileInfo, 'url' | 'size' | 'content' | 'fetchedAt'>
type Perhaps = { readonly [K in keyof FileInfo]?: FileInfo[K] | undefined }

/** A file information without the fields nobody told: a record must not hold `undefined`. */
export function makeFileInfo(fields: Known & Perhaps): FileInfo {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(told) as unknown as FileInfo
}
