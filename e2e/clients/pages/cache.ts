import type { Carried } from './Carried.ts'
import type { ClientTask } from './ClientTask.ts'
import { hashOf } from './hashOf.ts'

/** Loads like web-llm: into its own cache, and from there. */
export async function cache({ hub, repo, path, revision }: ClientTask): Promise<Carried> {
  const request = new Request(`${hub}/${repo}/resolve/${revision ?? 'main'}/${path}`)
  const own = await caches.open('webllm/model')
  await own.add(request)
  const bytes = await (await own.match(request))!.arrayBuffer()
  return { size: bytes.byteLength, sha256: await hashOf(bytes) }
}
