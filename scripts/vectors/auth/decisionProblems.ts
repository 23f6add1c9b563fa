import type { Decision } from '../../../src/auth/decision.ts'
import type { AuthVectorCase } from './AuthVectorCase.ts'

/** The differences between a decision and a case; null means null or absent. */
export function decisionProblems(decision: Decision, expect: AuthVectorCase['expect']): string[] {
  return (Object.entries(expect) as [keyof Decision, unknown][])
    .filter(([name, value]) => (decision[name] ?? null) !== (value ?? null))
    .map(([name, value]) => `${name} is ${shown(decision[name])}, expected ${shown(value)}`)
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'absent'
}
