import { expect, test } from 'vitest'
import { policyRefusal } from './service-worker.ts'

const worker = 'https://app.example/modelferry-worker.js'
const refused = (
  by: Record<string, string>,
): { refusal(url: string): Promise<string | undefined> } => ({
  refusal: async (url) => by[url],
})

test.each([
  ['worker-src', { [worker]: 'worker-src' }, /modelferry-worker\.js.*"worker-src 'self'"/],
  ['script-src', { [worker]: 'script-src-elem' }, /"script-src-elem 'self'"/],
  [
    'Trusted Types',
    { 'trusted-types-sink': 'require-trusted-types-for' },
    /"trusted-types modelferry"/,
  ],
])('what %s refuses is named, with what to add', async (_, by, says) => {
  const refusal = await policyRefusal(refused(by), [undefined, worker])
  expect(refusal).toMatchObject({ code: 'policy', message: expect.stringMatching(says) })
})

test('what no policy refused has another reason', async () => {
  expect(await policyRefusal(refused({}), [worker])).toBeUndefined()
})
