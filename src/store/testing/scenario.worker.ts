import { createHasher } from '../../codec/hasher.ts'
import { runScenario } from './runScenario.ts'

// Runs the given scenario, answers with '' or the error.
addEventListener(
  'message',
  ({ data }: MessageEvent<{ name: string; driver: 'sync' | 'pieces' }>) => {
    void createHasher()
      .then((hasher) => runScenario(data.name, { hasher, driver: data.driver }))
      .then(
        () => postMessage(''),
        (error: unknown) =>
          postMessage(error instanceof Error ? (error.stack ?? error.message) : String(error)),
      )
  },
)
