import { parseEpoch } from './parseEpoch.ts'

/**
 * The earliest expiry in a CloudFront policy: base64 of JSON, with `-`, `_` and `~` in place of `+`, `=`
 * and `/`. The condition's key is `AWS:EpochTime`, on other networks `EpochTime`.
 *
 * @param policy value of the `Policy` parameter, percent-decoded
 * @returns epoch milliseconds, or null when there is none to read
 */
export function parsePolicyExpiry(policy: string): number | null {
  const moments = statements(policy).flatMap((statement) => {
    const less = field(field(statement, 'Condition'), 'DateLessThan')
    return [field(less, 'AWS:EpochTime'), field(less, 'EpochTime')]
      .map((value) => (typeof value === 'number' ? parseEpoch(String(value)) : null))
      .filter((moment) => moment !== null)
  })
  return moments.length === 0 ? null : Math.min(...moments)
}

const plain: Readonly<Record<string, string>> = { '-': '+', _: '=', '~': '/' }

function statements(policy: string): unknown[] {
  const base64 = policy.replace(/[-_~]/g, (letter) => plain[letter] ?? '').replace(/=+$/, '')
  try {
    return [field(JSON.parse(atob(base64)), 'Statement')].flat()
  } catch {
    return []
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined
}
