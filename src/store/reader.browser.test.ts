import { expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { openStoreReader } from './reader.ts'
import { openStore } from './opfs-store.ts'
import { keepModel } from './testing/keepModel.ts'
import { makeModel } from './testing/makeModel.ts'

test('announced bytes are waited for when nothing can be hashed', async () => {
  const hasher = await createHasher()
  const store = await openStore({ hasher })
  const model = makeModel(hasher, 7, 300_000)
  const reader = await openStoreReader(async () => {
    throw new Error('There is no engine here.')
  })
  try {
    const bytes = reader.announced(model.content, { start: 5, end: 200_000 }, () => undefined)
    await keepModel(store, model)
    expect(await bytes).toEqual(model.bytes.slice(5, 200_000))
  } finally {
    await store.clear()
  }
})
