import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import { test } from '../stage/test.ts'

const path = '/model.onnx'

test("files of the page's own origin are answered in every mode, and by the cache alone when that is requested", async ({
  stage,
}) => {
  const { site } = stage
  const bytes = await fileBytes.vad()
  site.answers.set(path, {
    headers: { 'content-length': String(bytes.length), etag: '"one"' },
    body: bytes,
  })
  const url = site.url.slice(0, -1) + path
  await stage.connect()
  await stage.fetch(url)
  const whole = { status: 200, sha256: sha256(bytes), url }
  site.answers.set(path, { status: 500, headers: {}, body: '' })
  for (const by of ['page', 'ferry'] as const) {
    for (const mode of ['cors', 'same-origin', 'no-cors'] as const)
      expect(await stage.fetch(url, { init: { mode }, by }), `${by}, ${mode}`).toMatchObject(whole)
    const init = { mode: 'same-origin', cache: 'only-if-cached' } as const
    expect(await stage.fetch(url, { init, by }), by).toMatchObject({ status: 0 })
  }
})
