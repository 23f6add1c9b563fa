import { expect } from '@playwright/test'
import { test } from './stage/test.ts'

test('cold, warm, after a reload, and offline', async ({ stage }) => {
  const { rec, vad, config } = stage.files
  const shell = ['/', '/modelferry.js', '/modelferry-worker.js']
  expect(await stage.connect({ shell })).toBe(true)

  for (const file of [rec, vad]) {
    const cold = await stage.fetch(file)
    expect(cold).toMatchObject({ status: 200, sha256: file.sha256, size: file.size })
    expect(cold.headers).toMatchObject({
      'x-modelferry': 'stream',
      'content-length': String(file.size),
      'x-repo-commit': file.commit,
      'x-linked-size': String(file.size),
      etag: `"${file.sha256}"`,
      'accept-ranges': 'bytes',
    })
  }
  expect(await stage.fetch(config)).toMatchObject({ status: 200, sha256: config.sha256 })
  expect(stage.traffic.of('reconstruction').length).toBeGreaterThan(0)
  expect(stage.traffic.repeated()).toEqual([])

  stage.traffic.clear()
  for (const file of [rec, vad, config]) {
    const warm = await stage.fetch(file)
    expect(warm).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(warm.headers['x-modelferry']).toBe('hit')
  }
  await stage.reload()
  for (const file of [rec, vad, config])
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  expect(stage.traffic.all).toEqual([])

  await Promise.all([stage.hub.close(), stage.site.close()])
  await stage.context.setOffline(true)
  await stage.reload()
  for (const file of [rec, vad, config])
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  const held = await stage.held()
  expect(held.every(({ complete }) => complete)).toBe(true)
  const proofs = Object.fromEntries(held.map(({ size, verified }) => [size, verified]))
  expect(proofs).toEqual({ [rec.size]: 'xet', [vad.size]: 'xet', [config.size]: 'no' })
})

test('a file in several xorbs', async ({ stage }) => {
  const { large } = stage.files
  await stage.connect()
  expect(await stage.fetch(large)).toMatchObject({ status: 200, sha256: large.sha256 })
  expect(new Set(stage.traffic.of('xorb').map(({ path }) => path)).size).toBeGreaterThan(1)
  expect(stage.traffic.repeated()).toEqual([])
  stage.traffic.clear()
  expect(await stage.fetch(large)).toMatchObject({ status: 200, sha256: large.sha256 })
  expect(stage.traffic.all).toEqual([])
})
