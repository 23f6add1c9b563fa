// Files of a plain server whose connection ends in the middle: what came is not sent again.
import { expect } from '@playwright/test'
import { makeBytes } from './stage/makeBytes.ts'
import { sha256 } from './stage/sha256.ts'
import { Stage } from './stage/Stage.ts'
import { startSite } from './stage/startSite.ts'
import { test } from './stage/test.ts'

for (const [what, size] of [
  ['of 1.6 MB', 1_600_000],
  ['of 5 MB', 5_000_000],
] as const)
  test(`a file ${what} whose connection is cut at its half is continued there`, async ({
    page,
    scenery,
  }) => {
    const bytes = makeBytes(size, 7, ['noise'])
    let sent = 0
    let cuts = 1
    const site = await startSite((request, response) => {
      if (request.url !== '/model.onnx') return false
      const [, from = 0] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
      const place = { 'content-range': `bytes ${from}-${size - 1}/${size}` }
      const part = bytes.subarray(Number(from), cuts > 0 ? size / 2 : size)
      response.writeHead(from ? 206 : 200, {
        etag: '"one"',
        'accept-ranges': 'bytes',
        'content-type': 'application/octet-stream',
        'content-length': size - Number(from),
        ...(from && place),
      })
      sent += part.length
      response.write(part, () => {
        if (cuts-- > 0) setTimeout(() => response.destroy(), 300)
        else response.end()
      })
      return true
    })
    try {
      const stage = new Stage({ page, ...scenery, site })
      await stage.connect()
      const answer = await stage.fetch(`${site.url}model.onnx`)
      expect(answer).toMatchObject({ status: 200, sha256: sha256(bytes) })
      expect(sent).toBeLessThanOrEqual(1.1 * size)
      await expect.poll(() => stage.held()).toMatchObject([{ complete: true }])
    } finally {
      await site.close()
    }
  })
