import { FerryError } from '../../core/FerryError.ts'
import { parseHost } from '../parseHost.ts'
import { createServiceEndpoint } from './createServiceEndpoint.ts'
import type { ServiceEndpointOptions } from './ServiceEndpointOptions.ts'

/** Who registered a host, and what its owner's tier is. */
export interface RegisteredSite {
  readonly owner: string
  readonly tier?: string
}

/** What the lookup of sites is made with. */
export interface SiteLookupOptions extends ServiceEndpointOptions {
  /** By host name. */
  readonly sites: ReadonlyMap<string, RegisteredSite>
}

/**
 * Says whether a host is registered and to whom: `POST /v1/sites/lookup` with `host`, answered by
 * `{known, owner, tier}` with nulls for what is not known. The map is copied: registering a host is another
 * matter, it needs a proof.
 *
 * @throws FerryError `configuration`, naming an entry that is no host name or is there twice
 */
export function createSiteLookup(
  options: SiteLookupOptions,
): (request: Request) => Promise<Response> {
  const sites = new Map<string, RegisteredSite>()
  for (const [host, site] of options.sites) {
    const name = parseHost(host)
    if (name === null || sites.has(name)) {
      const fault = name === null ? 'is no host name' : 'is there twice'
      throw new FerryError(
        'configuration',
        `The registered site ${JSON.stringify(host.slice(0, 100))} ${fault}. Give each host once, as "app.example".`,
      )
    }
    sites.set(name, site)
  }
  return createServiceEndpoint(options, {
    event: 'service.site-lookup',
    member: 'host',
    find: async (host) => {
      const name = host === null ? null : parseHost(host)
      const site = name === null ? undefined : sites.get(name)
      if (site !== undefined) {
        const { owner, tier = null } = site
        return { result: 'known', json: { known: true, owner, tier } }
      }
      const result = name === null ? 'malformed' : 'unknown'
      return { result, json: { known: false, owner: null, tier: null } }
    },
  })
}
