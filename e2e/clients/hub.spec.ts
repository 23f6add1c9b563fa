import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

const path = 'onnx/model.onnx'

for (const realm of realms) {
  test(
    `the hub's own client loads with its default method, in a ${realm}`,
    onlyLong(realm === 'worker'),
    async ({ stage }) => {
      const task = { repo: clientRepos.voice, path }
      const { size, sha256 } = stage.file(task.repo, path)
      await loadThrice(stage, {
        title: '@huggingface/hub',
        client: 'hub',
        realm,
        task,
        check: (answer) => expect(answer).toMatchObject({ size, sha256, etag: sha256 }),
      })
      expect(stage.traffic.all).toEqual([])
    },
  )

  test(
    `the hub's own client loads by ranges, in a ${realm}`,
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      const task = { repo: clientRepos.voice, path, xet: false }
      const { size, sha256 } = stage.file(task.repo, path)
      const middle = (await fileBytes.vad()).subarray(1_000_000, 1_000_100)
      await loadThrice(stage, {
        title: '@huggingface/hub, by ranges',
        client: 'hub',
        realm,
        task,
        check: (answer) =>
          expect(answer).toEqual({
            size,
            sha256,
            etag: sha256,
            slice: Buffer.from(middle).toString('hex'),
          }),
      })
    },
  )
}
