/** Whether a value is joined with others entry by entry: no list, and no `{ "$env": "NAME" }`, which is one value. */
export function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Object.hasOwn(value, '$env')
  )
}
