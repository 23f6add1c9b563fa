import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { expect } from '@playwright/test'
import { test } from '../../ways/stage/test.ts'

const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))

test("the virtual module's types come with the plugin's", async ({ project }) => {
  await project.write('package.json', '{ "type": "module" }')
  await project.write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        module: 'ESNext',
        moduleResolution: 'bundler',
        lib: ['ES2022', 'DOM', 'DOM.Iterable'],
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: ['modelferry/vite'],
      },
      files: ['main.ts', 'vite.config.ts'],
    }),
  )
  await project.write(
    'vite.config.ts',
    `import { modelferry } from 'modelferry/vite'
import type { PluginOptions } from 'modelferry/vite'
const options: PluginOptions = { registerType: 'autoUpdate', connect: { navigateFallback: '/' } }
export default { plugins: [modelferry(options), modelferry({ dev: false, injectRegister: null })] }
// @ts-expect-error functions are given to connect() in the app
modelferry({ connect: { auth: {} } })`,
  )
  await project.write(
    'main.ts',
    `import { connect, scope, serviceWorker, worker } from 'virtual:modelferry'
const ferry = await connect({ auth: { token: () => 'hf_x', origins: ['https://hub.example'] } })
const response: Response = await ferry.fetch('https://hub.example/a/b/resolve/main/c')
const places: (string | false)[] = [scope, serviceWorker, worker]
console.log(response.status, places)
// @ts-expect-error a wrong option is an error, which proves that the types are used
await connect({ hubs: 7 })
// @ts-expect-error a name that the module does not export is an error, too
import { nothing } from 'virtual:modelferry'
export {}`,
  )
  expect(await project.run(`node ${typescript}/bin/tsc -p .`)).toBe('')
})
