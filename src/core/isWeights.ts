import { isExternalData } from './isExternalData.ts'
import { weightEndings } from './weightEndings.ts'

/** Whether a path, without query, has a name that nothing but model weights has. */
export function isWeights(path: string): boolean {
  return weightEndings.some((ending) => path.endsWith(ending)) || isExternalData(path)
}
