import { expect } from '@playwright/test'
import type { StageWindow } from '../stage/StageWindow.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** An ordinary response of `ferry.fetch`. */
export const ferryFetch: CoreScenario = {
  name: 'ferry.fetch: an ordinary response, for models and for everything else',
  run: async (stage) => {
    const { rec } = stage.files
    stage.site.answers.set('/ask', {
      headers: { 'content-type': 'application/json' },
      body: '{"heard":true}',
    })
    await stage.connect()
    const cold = await stage.fetch(rec, { by: 'ferry' })
    expect(cold).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(cold.headers['x-modelferry']).toBe('stream')
    const answers = await stage.page.evaluate(async () => {
      const { ferry } = window as unknown as StageWindow
      const got = await ferry.fetch('/ask')
      const headers = { 'content-type': 'application/json' }
      const sent = await ferry.fetch('/ask', { method: 'POST', headers, body: '{"ask":1}' })
      const missing = await ferry.fetch('/none')
      const early = AbortSignal.abort(new Error('not now'))
      return {
        got: (await got.json()) as unknown,
        sent: (await sent.json()) as unknown,
        missing: missing.status,
        aborted: await ferry.fetch('/ask', { signal: early }).then(String, String),
        offline: await ferry
          .fetch('http://127.0.0.1:1/')
          .then(String, (error: Error & { code: string }) => [error.name, error.code]),
      }
    })
    expect(answers).toEqual({
      got: { heard: true },
      sent: { heard: true },
      missing: 404,
      aborted: 'Error: not now',
      offline: ['FerryError', 'network'],
    })
  },
}
