/** A place where a variable of the process is named instead of a value. */
export interface ConfigReference {
  readonly path: readonly (string | number)[]
  readonly variable: string
}

/** Deeper than any secret of a configuration, and far from the end of the stack. */
const maxDepth = 16

/**
 * Puts something in the place of every `{ "$env": "NAME" }`.
 *
 * @param value stays as it is
 * @param give what stands in its place
 */
export function readReferences(
  value: unknown,
  give: (reference: ConfigReference) => unknown,
  path: readonly (string | number)[] = [],
): unknown {
  if (typeof value !== 'object' || value === null || path.length === maxDepth) return value
  if (Array.isArray(value)) {
    return value.map((item, index) => readReferences(item, give, [...path, index]))
  }
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === '$env' && typeof first[1] === 'string') {
    return give({ path, variable: first[1] })
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, readReferences(item, give, [...path, key])]),
  )
}
