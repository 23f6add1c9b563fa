import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

for (const realm of realms) {
  test(
    `the reader of GGUF headers fetches pages of 2 MB, in a ${realm}`,
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      const task = { repo: clientRepos.alphabet, path: 'alphabet-Q8_0.gguf' }
      await loadThrice(stage, {
        title: '@huggingface/gguf',
        client: 'gguf',
        realm,
        task,
        check({ tensors, ...head }) {
          expect(head).toEqual({ architecture: 'llama', name: 'Alphabet', notes: 30_000 })
          expect(tensors).toHaveLength(12)
          expect(tensors).toContain('blk.0.ffn_gate.weight')
        },
      })
    },
  )
}
