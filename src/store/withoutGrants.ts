import type { CatalogUrl } from './CatalogUrl.ts'

/** A URL's entry without some partitions. Undefined when nobody is left who may be answered. */
export function withoutGrants(
  entry: CatalogUrl | undefined,
  gone: readonly string[],
): CatalogUrl | undefined {
  const grants = entry?.grants.filter((each) => !gone.includes(each)) ?? []
  return entry && grants.length > 0 ? { ...entry, grants } : undefined
}
