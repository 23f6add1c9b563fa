import { fileExists, listFiles } from '@huggingface/hub'
import type { ClientTask } from './ClientTask.ts'

/** What the hub's own client says of a repository. */
export interface HubExists {
  readonly files: readonly string[]
  /** Of the requested file and of one that the repository does not have. */
  readonly exists: readonly [requested: boolean, missing: boolean]
}

/** The hub's own client: lists a repository, and asks whether two files exist. */
export async function hubExists({ repo, path = '' }: ClientTask): Promise<HubExists> {
  const files: string[] = []
  for await (const file of listFiles({ repo, recursive: true })) files.push(file.path)
  const exists = await Promise.all([
    fileExists({ repo, path }),
    fileExists({ repo, path: 'none.json' }),
  ])
  return { files, exists }
}
