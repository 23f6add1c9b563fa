import { FerryError } from '../../core/FerryError.ts'
import type { ConnectOptions } from '../ConnectOptions.ts'

/**
 * Options of {@link connect} from the attributes of a script tag: `data-service-worker`, `data-scope`,
 * `data-worker`, `data-hubs`, `data-files`, `data-shell`, `data-navigate-fallback`, `data-runtimes="false"`,
 * `data-app`; `data-options` has any others, as JSON. Files are looked for beside the script, when it comes from the
 * page's own origin. Tokens have no place in a page's text.
 *
 * @param data the tag's data attributes
 * @param script where the script came from, empty for one within the page
 * @param page address of the page
 * @throws FerryError `configuration` when `data-options` is no JSON
 */
export function autoOptions(
  data: Readonly<Record<string, string | undefined>>,
  script: string,
  page: string,
): ConnectOptions {
  // Lists are separated by spaces, as in `class`.
  const list = (name: string): readonly string[] | undefined =>
    data[name]?.split(/\s+/).filter(Boolean)
  const beside = URL.canParse(script) && new URL('modelferry-sw.js', script)
  const own = beside && beside.origin === new URL(page).origin ? beside.href : undefined
  const hubs = list('hubs')
  const origins = (hubs ?? ['https://huggingface.co']).map((hub) => new URL(hub, page).origin)
  // What is undefined has its default.
  const options: Record<keyof ConnectOptions, unknown> | object = {
    serviceWorker: data['serviceWorker'] ?? own,
    scope: data['scope'],
    worker: data['worker'],
    hubs,
    files: list('files'),
    shell: list('shell'),
    navigateFallback: data['navigateFallback'],
    runtimes: data['runtimes'] !== 'false',
    frontend: data['app'] === undefined ? undefined : { app: data['app'], origins },
    ...fromJson(data['options'] ?? '{}'),
  }
  return options
}

function fromJson(text: string): ConnectOptions {
  try {
    return JSON.parse(text) as ConnectOptions
  } catch (cause) {
    throw new FerryError('configuration', 'data-options has to be JSON.', { cause })
  }
}
