import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { tableRow } from './stage/makeOnnx.ts'
import { test } from './stage/test.ts'

test('onnxruntime-web reads external data from the file on the device', async ({ stage }) => {
  const row = 1234
  await loadThrice(stage, {
    title: 'onnxruntime-web, ferry.file',
    client: 'onnxruntime blob',
    realm: 'page',
    task: { repo: clientRepos.table, row },
    check: (values) => expect(values).toEqual(tableRow(row)),
  })
})

test('wllama reads the file on the device', onlyLong(true), async ({ stage }) => {
  await loadThrice(stage, {
    title: 'wllama, ferry.file',
    client: 'wllama',
    realm: 'page',
    task: { repo: clientRepos.alphabet, path: 'alphabet-Q8_0.gguf', advice: 'file handles' },
    check: ({ text }) => expect(text).toBe('defghijklmnopqrstuvwxyz'),
  })
})

test('TensorFlow.js reads the files on the device', onlyLong(true), async ({ stage }) => {
  await loadThrice(stage, {
    title: 'TensorFlow.js, ferry.file',
    client: 'tensorflow',
    realm: 'page',
    task: { repo: clientRepos.sentences, advice: 'file handles' },
    check: ({ same }) => expect(same).toBeCloseTo(0.846, 3),
  })
})
