import { expect, test } from 'vitest'
import { connect } from './connect.ts'

test('outside of a page, as in Node, it rejects with an error that says so', async () => {
  await expect(connect()).rejects.toMatchObject({ name: 'FerryError', code: 'unsupported' })
  await expect(connect({ serviceWorker: false })).rejects.toThrow('in the page of a browser only')
})
