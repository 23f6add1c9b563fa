import type { RetryPolicy } from '../net/RetryPolicy.ts'

/** What {@link connect} may be told; every field has a default. */
export interface ConnectOptions {
  /**
   * Where the service worker file lies on this origin. Default: `/modelferry-sw.js`. `false`: none is
   * registered; only `ferry.fetch` and `ferry.prefetch` carry files then, the page's own fetches do not.
   */
  readonly serviceWorker?: string | false
  /** Scope to control. Default: the folder of the service worker file. */
  readonly scope?: string
  /** Where the loader worker file lies, same origin. Default: `modelferry-worker.js` beside the service worker. */
  readonly worker?: string
  /** Endpoints whose resolve URLs are model files. Default: `['https://huggingface.co']`. */
  readonly hubs?: readonly string[]
  /**
   * Further files: whole URLs in which `*` stands for anything. Default: none. Files of the app's own origin that
   * end in `.onnx`, `.onnx_data`, `.gguf`, `.safetensors`, `.task`, `.litertlm` or `.tflite` need not be named.
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
  }
  /** A label for this app (`x-app-id`, referrer) and the only origins it is shown to. */
  readonly frontend?: { readonly app: string; readonly origins: readonly string[] }
  /** How often and how long to try; what is left out keeps its default. */
  readonly retry?: Partial<RetryPolicy>
  /** Longest wait for the workers to be ready, milliseconds. Default: 10 000. */
  readonly timeoutMs?: number
}
