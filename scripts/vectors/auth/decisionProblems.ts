import type { Decision } from '../../../src/auth/decision.ts'
import type { AuthVectorCase } from './AuthVectorCase.ts'

/** Where a decision is not what a case expects; null stands for null or absent. */
export function decisionProblems(decision: Decision, expect: AuthVectorCase['expect']): string[] {
  return (Object.entries(expect) as [keyof Decision, unknown][])
    .filter(([name, value]) => (decision[name] ?? null) !== (value ?? null))
    .map(([name, value]) => `${name} is ${shown(decision[name])}, expected ${shown(value)}`)
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'absent'
}
