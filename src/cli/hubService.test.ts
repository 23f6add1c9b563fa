import { expect, test } from 'vitest'
import { hubService } from './hubService.ts'

const service = hubService(
  async () => new Response(),
  // Only asked for what a request carries, which these do not.
  { carried: () => undefined } as unknown as Parameters<typeof hubService>[1],
)
const at = (path: string): Request => new Request(`http://hub.example${path}`)

test.each([
  ['/me/vad/resolve/main/onnx/model.onnx', 0, '/*/resolve/*'],
  ['/datasets/me/vad/raw/main/a.json', 0, '/*/raw/*'],
  ['/me/vad.git/info/lfs/objects/batch', 0, '/*/info/lfs/*'],
  ['/api/models/me/vad/tree/main?recursive=true', 1, '/api/*/tree/*'],
  ['/api/models/me/vad/xet-read-token/main', 0, '/api/*/xet-read-token/*'],
  ['/api/models/me/vad/commit/main', 1, '/api/*/commit/*'],
  ['/api/models/me/vad', 1, '/api/*'],
  ['/v2/reconstructions/abc', 0, '/v2/reconstructions/*'],
  ['/v1/shards', 0, '/v1/shards/*'],
  ['/secret-name/elsewhere', 0, '/*'],
])('%s', (path, cost, route) => {
  expect(service.cost!(at(path))).toBe(cost)
  expect(service.route!(at(path))).toBe(route)
})
