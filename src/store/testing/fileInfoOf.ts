import type { FileInfo } from '../../data/index.ts'
import type { Model } from './makeModel.ts'

/** The info of a hub about a model. */
export function fileInfoOf(url: string, model: Model): FileInfo {
  return { url, size: model.bytes.length, content: model.content, fetchedAt: Date.now() }
}
