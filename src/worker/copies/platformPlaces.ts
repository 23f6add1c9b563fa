import type { CopyPlaces } from './CopyPlaces.ts'

/** Caches and private files of this origin. Where the browser keeps them shut, whoever asks hears of it. */
export function platformPlaces(): CopyPlaces {
  return { caches: self.caches, folder: () => navigator.storage.getDirectory() }
}
