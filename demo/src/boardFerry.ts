import { connect } from 'modelferry'
import type { Ferry } from './Ferry.ts'
import type { Manifest } from './Manifest.ts'
import { readProgress } from './readProgress.ts'

/**
 * The one call that puts modelferry under the page. The model code knows nothing of it.
 *
 * @throws FerryError when this browser or this page cannot have it; the page's own fetches work on
 */
export async function boardFerry({ hub }: Manifest): Promise<Ferry> {
  const ferry = await connect({
    serviceWorker: '/modelferry-sw.js',
    hubs: [hub],
    shell: ['/', '/assets/*', '/ort/*', '/demo.json'],
  })
  const on = (type: string, listener: (detail: unknown) => void): void => {
    ferry.addEventListener(type, (event) => listener((event as CustomEvent<unknown>).detail))
  }
  return {
    onProgress: (listener) => on('progress', (detail) => listener(readProgress(detail))),
    onRenewed: (listener) => on('renewed', (detail) => listener((detail as { url: string }).url)),
    onFault: (listener) =>
      on('fault', (detail) => listener((detail as { message: string }).message)),
    files: async () => await ferry.files(),
    fetchAhead: async (url) => await ferry.prefetch([url]),
    remove: async (url) => await ferry.remove(url),
  }
}
