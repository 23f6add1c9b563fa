import { gguf as readGguf } from '@huggingface/gguf'
import type { ClientTask } from './ClientTask.ts'

/** The header of a file. */
export interface GgufHead {
  readonly architecture: unknown
  readonly name: unknown
  readonly notes: number
  readonly tensors: readonly string[]
}

/** Reads the header of a file in ranges of 2 MB, and nothing after it. */
export async function gguf({ hub, repo, path, revision }: ClientTask): Promise<GgufHead> {
  const { metadata, tensorInfos } = await readGguf(
    `${hub}/${repo}/resolve/${revision ?? 'main'}/${path}`,
  )
  const read = metadata as Record<string, unknown>
  return {
    architecture: read['general.architecture'],
    name: read['general.name'],
    notes: (read['stage.notes'] as unknown[]).length,
    tensors: tensorInfos.map(({ name }) => name),
  }
}
