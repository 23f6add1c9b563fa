import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

for (const realm of realms) {
  test(
    `onnxruntime-web detects speech with a model from the hub, in a ${realm}`,
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      const task = { repo: clientRepos.voice, path: 'onnx/model.onnx' }
      const clientRun = {
        title: 'onnxruntime-web',
        client: 'onnxruntime',
        realm,
        task,
        check: expectSpeech,
      } as const
      await loadThrice(stage, clientRun, realm === 'worker' ? ['cold', 'offline'] : undefined)
    },
  )
}
