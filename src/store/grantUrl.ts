import type { FileInfo } from '../protocol/FileInfo.ts'
import type { CatalogUrl } from './CatalogUrl.ts'

/** Grants of one URL that are kept at most; who was confirmed longest ago asks the hub again. */
const most = 16

/**
 * A URL's entry after the hub has answered one partition. While the URL leads to the same bytes, those who
 * were answered before keep their grant; when the bytes changed, they have to be checked again.
 */
export function grantUrl(old: CatalogUrl | undefined, info: FileInfo, grant: string): CatalogUrl {
  const before = old?.info.content === info.content ? old.grants : []
  const others = before.filter((each) => each !== grant)
  return {
    url: info.url,
    info,
    checkedAt: info.fetchedAt,
    grants: [...others, grant].slice(-most),
  }
}
