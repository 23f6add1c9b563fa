import type { FileInfo } from '../protocol/FileInfo.ts'
import type { CatalogUrl } from './CatalogUrl.ts'

/**
 * A URL's entry after the hub has answered one partition. While the URL leads to the same bytes, those who
 * were answered before keep their grant; when the bytes changed, they have to be checked again.
 */
export function grantUrl(old: CatalogUrl | undefined, info: FileInfo, grant: string): CatalogUrl {
  const others = old?.info.content === info.content ? old.grants : []
  return {
    url: info.url,
    info,
    checkedAt: info.fetchedAt,
    grants: [...new Set([...others, grant])],
  }
}
