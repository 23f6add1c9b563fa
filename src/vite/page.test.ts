import { expect, test, describe } from 'vitest'
import { appFiles, pageTags } from './page.ts'
import { autoOptions } from '../page/auto.ts'
import { type PluginOptions, resolvePluginOptions } from './options.ts'

describe('files of the app', () => {
  const made = {
    built: ['index.html', 'docs/index.html', 'assets/a-1.js', 'assets/a-1.js.map', 'sw.js'],
    copied: [
      { name: 'icon.svg', size: 2000 },
      { name: 'fonts/a.woff2', size: 2000 },
      { name: 'fonts/all.zip', size: 20_000_000 },
      { name: 'models/tiny.onnx', size: 2000 },
      { name: '.well-known/x', size: 10 },
      { name: '_headers', size: 10 },
      { name: 'sw.js', size: 10 },
    ],
    ours: ['sw.js'],
    assets: '',
    routes: true,
  }

  test('the files of an app are its pages, its assets and the copied files', () => {
    expect(appFiles(made)).toEqual({
      patterns: [
        './',
        'assets/*',
        'docs/',
        'docs/*',
        'fonts/*',
        'icon.svg',
        'index.html',
        'models/*',
      ],
      files: [
        'docs/',
        './',
        'assets/a-1.js',
        'docs/index.html',
        'index.html',
        'fonts/a.woff2',
        'icon.svg',
      ],
    })
  })

  test('assets on another origin are stored from there, pages from the app', () => {
    expect(appFiles({ ...made, assets: 'https://cdn.example/app/' })).toEqual({
      patterns: [
        './',
        'docs/',
        'docs/*',
        'https://cdn.example/app/assets/*',
        'https://cdn.example/app/fonts/*',
        'https://cdn.example/app/icon.svg',
        'https://cdn.example/app/models/*',
        'index.html',
      ],
      files: [
        'docs/',
        './',
        'https://cdn.example/app/assets/a-1.js',
        'docs/index.html',
        'index.html',
        'https://cdn.example/app/fonts/a.woff2',
        'https://cdn.example/app/icon.svg',
      ],
    })
  })

  test.each<[what: string, built: string[], routes: boolean, page: string | undefined]>([
    ['a single page at the top', ['index.html', 'assets/a.js'], true, './'],
    ['several pages', ['index.html', 'docs/index.html'], true, undefined],
    ['a page of another name', ['app.html'], true, undefined],
    ['a page in a folder', ['docs/index.html'], true, undefined],
    ['no page', ['assets/a.js'], true, undefined],
    ['no single-page app, or relative links', ['index.html'], false, undefined],
  ])('the fallback page of all navigations: %s', (_, built, routes, page) => {
    expect(appFiles({ ...made, built, routes }).page).toBe(page)
  })
})

describe('tags', () => {
  const place = { root: '/app/', mode: 'script', script: '', building: false } as const

  /** A tag's data attributes as the page's script reads them. */
  function dataOf(options: PluginOptions): Record<string, string> {
    const [tag] = pageTags(resolvePluginOptions(options), place)
    return Object.fromEntries(
      Object.entries(tag?.attrs ?? {}).map(([name, value]) => [
        name
          .replace(/^data-/, '')
          .replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
        String(value),
      ]),
    )
  }

  test('all serialisable options reach connect()', () => {
    const connect = {
      hubs: ['https://hub.example'],
      files: ['/weights/*'],
      runtimes: false,
      shell: ['/more/*'],
      navigateFallback: '/app/',
      frontend: { app: 'an "app" & more', origins: ['https://hub.example'] },
      retry: { attempts: 2 },
      xet: false,
      endpoints: { 'https://cas.example': '/cas' },
      debug: true,
      timeoutMs: 9000,
    }
    const given = autoOptions(
      dataOf({ connect }),
      'https://app.example/app/modelferry.js',
      'https://app.example/',
    )
    expect(given).toEqual({ ...connect, serviceWorker: '/app/modelferry-sw.js' })
  })

  test('patterns of files with keys reach connect() too', () => {
    const connect = { files: ['/weights/*', { match: '/signed/*', key: '/signed/$1' }] }
    const given = autoOptions(
      dataOf({ connect }),
      'https://app.example/modelferry.js',
      'https://app.example/',
    )
    expect(given).toMatchObject(connect)
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
})
