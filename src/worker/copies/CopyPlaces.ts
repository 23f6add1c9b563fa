/** Where libraries of this origin keep things: the platform's, except in tests. */
export interface CopyPlaces {
  readonly caches: Pick<CacheStorage, 'has' | 'open'>
  /** Root of the origin's private files. */
  readonly folder: () => Promise<FileSystemDirectoryHandle>
}
