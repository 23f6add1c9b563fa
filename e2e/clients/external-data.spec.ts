import { expect } from '@playwright/test'
import type { FaultRule } from 'modelferry/hub'
import type { FerryEvent } from 'modelferry'
import type { StageWindow } from '../stage/StageWindow.ts'
import type { ClientStage } from './stage/ClientStage.ts'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { hubOrigin } from './stage/hubOrigin.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

const repo = clientRepos.split
const address = `${hubOrigin}/${repo}/resolve/main/onnx/model.onnx`
const clientRun = {
  title: 'transformers.js, external data',
  client: 'transformers model',
  task: { repo },
} as const
const retry = { attempts: 2, renewals: 1, delayMs: 5, maxDelayMs: 10 }

const failures: Record<string, { rule: FaultRule; fault: object }> = {
  'storage always fails': {
    rule: { kind: 'xorb', times: null, action: { do: 'status', status: 500 } },
    fault: { code: 'http', status: 500 },
  },
  'storage always refuses it': {
    rule: { kind: 'xorb', times: null, action: { do: 'status', status: 403 } },
    fault: { code: 'expired-url' },
  },
  'hub no longer has it': {
    rule: { kind: 'resolve', times: null, action: { do: 'status', status: 404 } },
    fault: { code: 'not-found', status: 404 },
  },
  'hub fails': {
    rule: { kind: 'resolve', times: null, action: { do: 'status', status: 503 } },
    fault: { code: 'http', status: 503 },
  },
}

for (const realm of realms) {
  test(
    `transformers.js loads a model with external data, in a ${realm}`,
    onlyLong(realm === 'worker'),
    async ({ stage }) => {
      await loadThrice(stage, { ...clientRun, realm, check: expectSpeech }, ['cold'])
    },
  )

  for (const [why, { rule, fault }] of Object.entries(failures))
    test(
      `a page gets an event for the external data of its model when the ${why}, in a ${realm}`,
      onlyLong(why !== (realm === 'page' ? 'storage always fails' : 'hub no longer has it')),
      async ({ stage }) => {
        await stage.connect({ retry })
        // The library waits without limit for external data, and only for that.
        await stage.page.evaluate(
          (url) => (window as unknown as StageWindow).ferry.prefetch([url]),
          address,
        )
        const path = rule.kind === 'resolve' ? { path: 'model.onnx_data_1' } : {}
        stage.hub.faults.add({ ...rule, ...path })
        // The file's own URL uses the same storage.
        if (rule.kind === 'xorb') stage.hub.faults.add({ ...rule, kind: 'lfs' })
        const run = stage.run({ ...clientRun, realm }, 'cold').catch(() => undefined)
        await expect
          .poll(() => faultsOf(stage))
          .toContainEqual(expect.objectContaining({ ...fault, url: `${address}_data_1` }))
        await stage.page.close()
        await run
      },
    )
}

async function faultsOf(
  stage: ClientStage,
): Promise<Extract<FerryEvent, { name: 'fault' }>['detail'][]> {
  const events = await stage.page.evaluate(() => (window as unknown as StageWindow).events)
  return events.filter(({ name }) => name === 'fault').map(({ detail }) => detail as never)
}
