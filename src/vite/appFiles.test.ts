import { expect, test } from 'vitest'
import { appFiles } from './appFiles.ts'

test('an app is its pages, its assets and what is copied beside them', () => {
  const built = ['index.html', 'docs/index.html', 'assets/a-1.js', 'assets/a-1.js.map', 'sw.js']
  expect(appFiles(built, ['icon.svg', 'fonts/', 'sw.js'], ['sw.js'])).toEqual({
    patterns: ['./', 'assets/*', 'docs/', 'docs/*', 'fonts/*', 'icon.svg', 'index.html'],
    files: ['docs/', './', 'assets/a-1.js', 'docs/index.html', 'index.html'],
  })
})
