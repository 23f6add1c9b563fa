import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

const path = 'onnx/model.onnx'

for (const realm of realms) {
  test(
    `XMLHttpRequest reports its progress, in a ${realm}`,
    onlyLong(realm === 'worker'),
    async ({ stage }) => {
      const task = { repo: clientRepos.text, path }
      const { size, sha256 } = stage.file(task.repo, path)
      await loadThrice(stage, {
        title: 'XMLHttpRequest',
        client: 'xhr',
        realm,
        task,
        check: (answer) =>
          expect(answer).toEqual({ status: 200, size, sha256, totals: [size], rising: true }),
      })
    },
  )

  test(
    `Cache.add stores a file and Cache.match finds it, in a ${realm}`,
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      const task = { repo: clientRepos.voice, path }
      const { size, sha256 } = stage.file(task.repo, path)
      await loadThrice(stage, {
        title: 'Cache.add and match',
        client: 'cache',
        realm,
        task,
        check: (answer) => expect(answer).toEqual({ size, sha256 }),
      })
    },
  )
}
