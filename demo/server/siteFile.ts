import { createRequire } from 'node:module'
import { join } from 'node:path'

const { resolve } = createRequire(import.meta.url)

/** The page as built, whose names carry a hash except for `index.html`. */
const PAGE = join(import.meta.dirname, '../dist')

/** modelferry's own files are at the root: a service worker controls its folder and below. */
const ROOT = /^\/modelferry(?:-sw|-worker)?\.js$/
/** The two files that onnxruntime's plain wasm backend loads. */
const RUNTIME = /^\/ort\/ort-wasm-simd-threaded\.(?:mjs|wasm)$/

/**
 * The file behind a path of the demo's site, or undefined when the site has no such path.
 *
 * @param pathname of the URL, with a leading slash
 */
export function siteFile(pathname: string): string | undefined {
  if (ROOT.test(pathname)) return resolve(`modelferry${pathname}`)
  if (RUNTIME.test(pathname)) return resolve(`onnxruntime-web${pathname.slice('/ort'.length)}`)
  if (pathname === '/') return join(PAGE, 'index.html')
  if (!/^\/assets\/\w[\w.-]*$/.test(pathname)) return undefined
  return join(PAGE, pathname)
}
