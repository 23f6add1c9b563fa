import { expect } from '@playwright/test'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

const path = 'alphabet-Q8_0.gguf'

for (const realm of realms) {
  test(`wllama says the alphabet with a model from the default host, in a ${realm}`, async ({
    stage,
  }) => {
    const { size } = stage.file(clientRepos.alphabet, path)
    // Which file of the repository it is, the library finds out itself.
    const wish = { repo: clientRepos.alphabet, progress: true }
    await loadThrice(stage, {
      title: 'wllama, loadModelFromHF',
      client: 'wllama',
      realm,
      wish,
      check: (answer) => expect(answer).toEqual({ text: 'defghijklmnopqrstuvwxyz', total: size }),
    })
  })
}
