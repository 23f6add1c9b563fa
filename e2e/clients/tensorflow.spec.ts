import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

for (const realm of realms) {
  test(
    `TensorFlow.js compares sentences with a model in seven shards, in a ${realm}`,
    onlyLong(realm === 'worker'),
    async ({ stage }) => {
      await loadThrice(
        stage,
        {
          title: 'TensorFlow.js, 7 shards',
          client: 'tensorflow',
          realm,
          task: { repo: clientRepos.sentences },
          check({ same, other }) {
            expect(same).toBeCloseTo(0.846, 3)
            expect(other).toBeCloseTo(-0.066, 3)
          },
        },
        realm === 'page' ? ['cold', 'offline'] : undefined,
      )
    },
  )
}
