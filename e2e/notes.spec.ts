import { expect } from '@playwright/test'
import type { StageWindow } from './stage/StageWindow.ts'
import { test } from './stage/test.ts'

test('listings of a hub are requested once, and available offline', async ({ stage }) => {
  const { rec } = stage.files
  await stage.connect()
  const answers = new Map(
    await Promise.all(
      [
        [200, '/api/models/stage/ocr/tree/main?recursive=true'],
        [200, `/api/models/stage/ocr/tree/${rec.commit}`],
        [200, '/stage/ocr/raw/main/rec.onnx'],
        [200, `/stage/ocr/raw/${rec.commit}/config.json`],
        [404, '/stage/ocr/raw/main/none.json'],
      ].map(async ([status, path]) => {
        const answer = await stage.fetch(`${stage.hub.url}${path}`)
        expect(answer, String(path)).toMatchObject({ status })
        return [`${stage.hub.url}${path}`, answer] as const
      }),
    ),
  )
  expect(answers.get(`${stage.hub.url}/stage/ocr/raw/main/rec.onnx`)?.text).toContain(rec.sha256)

  const askAgain = async (): Promise<void> => {
    for (const [url, { status, sha256, headers }] of answers) {
      const again = await stage.fetch(url)
      expect(again, url).toMatchObject({ status, sha256 })
      const type = headers['content-type'] ?? ''
      expect(again.headers, url).toMatchObject({ 'x-modelferry': 'hit', 'content-type': type })
    }
  }
  stage.traffic.clear()
  await askAgain()
  expect(stage.traffic.all).toEqual([])
  await stage.hub.close()
  await askAgain()
  expect((await stage.fetch(`${stage.hub.url}/stage/ocr/raw/main/other`)).status).toBe(0)
})

test('a listing of a private repository is not answered from the device while the hub answers', async ({
  stage,
}) => {
  const url = `${stage.hub.url}/api/models/stage/ocr/tree/main`
  stage.hub.hub.private.add('stage/ocr')
  await stage.connect()
  for (let time = 1; time <= 2; time++) {
    expect((await stage.fetch(url)).status).toBe(401)
    const init = { headers: { authorization: 'Bearer hf_owner' } }
    expect(await stage.fetch(url, { init })).toMatchObject({ status: 200 })
    expect(stage.traffic.of('tree')).toHaveLength(2 * time)
  }
})

test('other stored files are counted, removed and cleared together with model files', async ({
  stage,
}) => {
  await stage.connect()
  const pointer = `${stage.hub.url}/stage/ocr/raw/main/rec.onnx`
  const listing = `${stage.hub.url}/api/models/stage/ocr/tree/main`
  const sizes = [await stage.fetch(pointer), await stage.fetch(listing)].map(({ size }) => size)
  const seen = await stage.page.evaluate(async (url) => {
    const { ferry } = window as unknown as StageWindow
    const notes = async (): Promise<number> => (await ferry.usage()).notes
    const both = await notes()
    const removed = [await ferry.remove(url), await ferry.remove(url)]
    const other = await notes()
    await ferry.clear()
    return { both, removed, other, none: await notes() }
  }, pointer)
  const [first = 0, second = 0] = sizes
  expect(first * second).toBeGreaterThan(0)
  expect(seen).toEqual({ both: first + second, removed: [true, false], other: second, none: 0 })
  stage.traffic.clear()
  await stage.fetch(listing)
  expect(stage.traffic.of('tree')).toHaveLength(1)
})
