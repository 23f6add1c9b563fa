import { connect } from 'modelferry'
import type { Ferry } from 'modelferry'
import type { Manifest } from './Manifest.ts'

/**
 * The one call that adds modelferry to the page. The model code does not depend on it.
 *
 * @throws FerryError when this browser or this page does not support it; the page's own fetches still work
 */
export async function connectFerry({ hub }: Manifest): Promise<Ferry> {
  return await connect({
    serviceWorker: '/modelferry-sw.js',
    hubs: [hub],
    shell: ['/', '/assets/*', '/ort/*', '/demo.json'],
  })
}
