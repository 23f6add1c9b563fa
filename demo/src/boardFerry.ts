import { connect } from 'modelferry'
import type { Ferry } from 'modelferry'
import type { Manifest } from './Manifest.ts'

/**
 * The one call that puts modelferry under the page. The model code knows nothing of it.
 *
 * @throws FerryError when this browser or this page cannot have it; the page's own fetches work on
 */
export async function boardFerry({ hub }: Manifest): Promise<Ferry> {
  return await connect({
    serviceWorker: '/modelferry-sw.js',
    hubs: [hub],
    shell: ['/', '/assets/*', '/ort/*', '/demo.json'],
  })
}
