/** One way of using the Vite plugin. */
export interface ViteWay {
  readonly what: string
  /** Options of the plugin besides `connect.hubs`, as JavaScript. */
  readonly options: string
  /** Further options within `connect`, as JavaScript. */
  readonly connect?: string
  /** Vite's own `base`, default: `/`. `CDN` is replaced by another origin that serves the same folder. */
  readonly base?: string
  /** Path under which the build is served, default: `/`. */
  readonly below?: string
  /** Pages besides `index.html`, default: none. */
  readonly pages?: readonly string[]
  /** Whether the app calls `connect` of the virtual module. */
  readonly imports?: true
}
