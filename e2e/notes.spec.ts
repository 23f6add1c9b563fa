import { expect } from '@playwright/test'
import { test } from './stage/test.ts'

test('what a hub says about its files is asked for once, and known offline', async ({ stage }) => {
  const { rec } = stage.files
  await stage.board()
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

test('a listing of a private repository is told to nobody later', async ({ stage }) => {
  const url = `${stage.hub.url}/api/models/stage/ocr/tree/main`
  stage.hub.hub.private.add('stage/ocr')
  await stage.board()
  for (let time = 1; time <= 2; time++) {
    expect((await stage.fetch(url)).status).toBe(401)
    const init = { headers: { authorization: 'Bearer hf_owner' } }
    expect(await stage.fetch(url, { init })).toMatchObject({ status: 200 })
    expect(stage.traffic.of('tree')).toHaveLength(2 * time)
  }
})
