import type { ConnectOptions } from '../page/ConnectOptions.ts'

/** What the Vite plugin may be told; every field has a default. */
export interface PluginOptions {
  /** Where the service worker file lies below the base, the loader worker beside it. Default: `modelferry-sw.js`. */
  readonly filename?: string
  /**
   * What it controls, from the base. Default: the base. Above the file's own folder, the server has to send the header
   * `Service-Worker-Allowed`, as the development and preview servers do.
   */
  readonly scope?: string
  /**
   * How pages connect. `script`: by a tag at the head's begin that holds the page's fetches meanwhile (`data-auto`);
   * `script-defer`: by the same tag, later; `inline`: by the script within the page; `null`: not at all, the app
   * calls `connect` of `virtual:modelferry`. Default: `auto`, which is `null` where the app imports that and
   * `script` where it does not.
   */
  readonly injectRegister?: 'auto' | 'inline' | 'script' | 'script-defer' | null
  /**
   * What an open page does when a newer version takes over. `prompt`: it goes on, hears the event `modelferry:update`
   * on `window`, and decides when to call `location.reload()`; `autoUpdate`: it is loaded again. Default: `prompt`.
   */
  readonly registerType?: 'prompt' | 'autoUpdate'
  /**
   * Whether there is a service worker in development. Without it only `ferry.fetch` carries, and one that is there
   * from before is ended. Default: true.
   */
  readonly dev?: boolean
  /** Options for {@link connect} that can be written down; functions are given to `connect` in the app. */
  readonly connect?: Pick<
    ConnectOptions,
    | 'hubs'
    | 'files'
    | 'runtimes'
    | 'shell'
    | 'navigateFallback'
    | 'frontend'
    | 'retry'
    | 'timeoutMs'
  >
}
