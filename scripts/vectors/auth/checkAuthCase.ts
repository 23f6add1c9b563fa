import { createAuth } from '../../../src/auth/auth.ts'
import { authOptionsOf } from './authOptionsOf.ts'
import { authRequestOf } from './authRequestOf.ts'
import type { AuthVectorCase } from './AuthVectorCase.ts'
import type { AuthVectorConfig } from './AuthVectorConfig.ts'
import { credentialTexts } from './credentialTexts.ts'
import { decisionProblems } from './decisionProblems.ts'
import { invariantProblems } from './invariantProblems.ts'

/**
 * Decides a case twice, and throws unless both decisions are as expected and keep all invariants.
 *
 * @param config of the file; the case's options override it
 */
export async function checkAuthCase(
  { request, options, expect }: AuthVectorCase,
  config: Partial<AuthVectorConfig>,
): Promise<void> {
  const settings = { ...config, ...options }
  const auth = createAuth(authOptionsOf(settings))
  let clones = 0
  const decide = (): ReturnType<typeof auth.decide> =>
    auth.decide(
      authRequestOf(request, () => clones++),
      { peer: request.peer },
    )
  const decision = await decide()
  const secrets = [...(settings.legacyTokens ?? []), ...credentialTexts(request)]
  const problems = [...decisionProblems(decision, expect), ...invariantProblems(decision, secrets)]
  if (clones > (settings.allowBodyToken === true ? 1 : 0)) problems.push('the body was asked for')
  if (JSON.stringify(await decide()) !== JSON.stringify(decision))
    problems.push('deciding twice gave two decisions')
  if (problems.length > 0) throw new Error(problems.join('; '))
}
