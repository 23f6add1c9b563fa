import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { tableRow } from './stage/makeOnnx.ts'
import { test } from './stage/test.ts'

test.use({
  launchOptions: [
    async ({ launchOptions }, use) => {
      const { args = [] } = launchOptions
      // A GPU in software.
      const gpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']
      await use({
        ...launchOptions,
        args: [...args.filter((arg) => arg !== '--disable-gpu'), ...gpu],
      })
    },
    { scope: 'worker' },
  ],
})

test(
  'a WebGPU buffer is filled from a slice of the file on the device',
  onlyLong(true),
  async ({ stage }) => {
    const row = 1234
    await loadThrice(stage, {
      title: 'WebGPU, ferry.file',
      client: 'webgpu row',
      realm: 'page',
      task: { repo: clientRepos.table, row },
      check: (values) => expect(values).toEqual(tableRow(row)),
    })
  },
)
