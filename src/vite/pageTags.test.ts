import { expect, test } from 'vitest'
import { autoOptions } from '../page/auto.ts'
import { pageTags } from './page.ts'
import type { PluginOptions } from './options.ts'
import { settlePlugin } from './options.ts'

const place = { root: '/app/', way: 'script', script: '', building: false } as const

/** A tag's data attributes as the page's script reads them. */
function dataOf(options: PluginOptions): Record<string, string> {
  const [tag] = pageTags(settlePlugin(options), place)
  return Object.fromEntries(
    Object.entries(tag?.attrs ?? {}).map(([name, value]) => [
      name.replace(/^data-/, '').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
      String(value),
    ]),
  )
}

test('all that can be written down reaches connect()', () => {
  const connect = {
    hubs: ['https://hub.example'],
    files: ['/weights/*'],
    runtimes: false,
    shell: ['/more/*'],
    navigateFallback: '/app/',
    frontend: { app: 'an "app" & more', origins: ['https://hub.example'] },
    retry: { attempts: 2 },
    timeoutMs: 9000,
  }
  const given = autoOptions(
    dataOf({ connect }),
    'https://app.example/app/modelferry.js',
    'https://app.example/',
  )
  expect(given).toEqual({ ...connect, serviceWorker: '/app/modelferry-sw.js' })
})

test.each<[scope: string | undefined, options: PluginOptions]>([
  ['/app/', {}],
  ['/app/', { filename: 'a/b/sw.js' }],
  ['/app/', { filename: 'a/sw.js', scope: './' }],
  ['/app/x/', { filename: 'a/sw.js', scope: 'x/' }],
  ['/x/', { filename: 'a/sw.js', scope: '/x/' }],
  ['/app/x/', { scope: 'x/' }],
])('the scope is %s, from the base, by %o', (scope, options) => {
  const { serviceWorker, scope: said = './' } = dataOf(options)
  // As connect() reads it.
  const script = new URL(serviceWorker!, 'https://app.example/')
  expect(new URL(said, script).pathname).toBe(scope)
})
