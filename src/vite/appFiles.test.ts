import { expect, test } from 'vitest'
import { appFiles } from './page.ts'

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

test('an app is its pages, its assets and what is copied beside them', () => {
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

test('what lies elsewhere is kept from there, pages from here', () => {
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
])('the page that stands for all addresses: %s', (_, built, routes, page) => {
  expect(appFiles({ ...made, built, routes }).page).toBe(page)
})
