import type { FileInfo } from '../../protocol/files.ts'
import type { Model } from './makeModel.ts'

/** What a hub would say about a model. */
export function fileInfoOf(url: string, model: Model): FileInfo {
  return { url, size: model.bytes.length, content: model.content, fetchedAt: Date.now() }
}
