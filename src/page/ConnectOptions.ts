import type { RetryPolicy } from '../net/RetryPolicy.ts'

/** What {@link connect} may be told; every field has a default. */
export interface ConnectOptions {
  /**
   * Where the service worker file lies on this origin. Default: `/modelferry-sw.js`. `false`: none is
   * registered; only `ferry.fetch` and `ferry.prefetch` carry files then, the page's own fetches do not. A
   * registration: that of the app's own service worker, which has modelferry in it by `install` of
   * `modelferry/sw` or by `importScripts`. When a version of it takes over stays the app's affair; `hubs`,
   * `files`, `shell` and `runtimes` are said in the worker too.
   */
  readonly serviceWorker?: string | false | ServiceWorkerRegistration
  /** Scope to control. Default: the folder of the service worker file. */
  readonly scope?: string
  /**
   * Where the loader worker file lies: same origin, within the scope. Default: `modelferry-worker.js` beside the
   * service worker.
   */
  readonly worker?: string
  /** Endpoints whose resolve URLs are model files. Default: `['https://huggingface.co']`. */
  readonly hubs?: readonly string[]
  /**
   * Further files: whole URLs in which `*` stands for anything. Default: none. Files of the app's own origin that
   * end in `.onnx` (and `.onnx_data`, `.onnx_data_1`, `.onnx.data`), `.gguf`, `.safetensors`, `.task`, `.litertlm` or `.tflite` need not be named.
   */
  readonly files?: readonly string[]
  /**
   * Whether scripts and WebAssembly of known model runtimes are kept, when they come from a known CDN in an exact
   * version: such files never change. Default: true.
   */
  readonly runtimes?: boolean
  /** Paths of the app itself to keep for offline use, `*` stands for anything. Default: none. */
  readonly shell?: readonly string[]
  /**
   * The page of a single-page app, such as `/`: it is kept, and stands for every other address of the scope that is
   * visited when the network cannot answer. Where a server answers, its answer counts, a 404 too. Addresses that end
   * like a file's are left out. Default: none.
   */
  readonly navigateFallback?: string | false
  /**
   * A token and the only origins it is sent to. It is asked for whenever it is needed. When one of the
   * origins refuses it with 401, it is asked for once more, with `refused: true`: give a fresh one then. With
   * a token that differs the request is repeated once; else the 401 is the answer.
   */
  readonly auth?: {
    readonly token: (asked: {
      /** Whether the token given last was refused. */
      readonly refused: boolean
    }) => string | undefined | Promise<string | undefined>
    readonly origins: readonly string[]
    /**
     * Says who is signed in, in any text that never means two users; undefined: nobody, and no token is
     * asked for. Private files on the device are answered to whom the hub gave them, and go by this name:
     * with a renewed token, and offline, they are still theirs. When it says another name than before, or
     * none, also after a reload, all that was granted before is taken back. It is asked with every file and
     * has to know without the network. Only a digest of the name is stored.
     *
     * Default: files go by a digest of the token, so that a new token costs one question to the hub per
     * file, and a token that is not given any more takes nothing back; `ferry.signOut()` does.
     *
     * @example { token: () => session?.token, partition: () => session?.userId, origins }
     */
    readonly partition?: () => string | undefined | Promise<string | undefined>
  }
  /** A label for this app (`x-app-id`, referrer) and the only origins it is shown to. */
  readonly frontend?: { readonly app: string; readonly origins: readonly string[] }
  /** How often and how long to try; what is left out keeps its default. */
  readonly retry?: Partial<RetryPolicy>
  /** Longest wait for the workers to be ready, milliseconds. Default: 10 000. */
  readonly timeoutMs?: number
}
