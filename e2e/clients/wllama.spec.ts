import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { stageToken } from '../stage/stageToken.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

const path = 'alphabet-Q8_0.gguf'

for (const realm of realms) {
  test(
    `wllama continues the alphabet with a model from the default host, in a ${realm}`,
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      const { size } = stage.file(clientRepos.alphabet, path)
      // The library finds the file in the repository itself.
      const repo = clientRepos.alphabet
      // Its own token, which it puts into the URL of the file and into a header for the listing.
      const task = { repo, progress: true, ...(realm === 'worker' && { token: stageToken }) }
      const clientRun = {
        title: 'wllama, loadModelFromHF',
        client: 'wllama',
        realm,
        task,
        check: (answer: { text: string; total: number }) =>
          expect(answer).toEqual({ text: 'defghijklmnopqrstuvwxyz', total: size }),
      } as const
      // With a credential the hub is asked for its listing every time.
      await loadThrice(stage, clientRun, realm === 'worker' ? ['cold', 'offline'] : undefined)
    },
  )
}
