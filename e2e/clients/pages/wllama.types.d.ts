/**
 * The parts of `@wllama/wllama` that tests and benchmarks use. The package publishes its sources as types, which do not compile
 * under this project's stricter settings.
 */
export declare class Wllama {
  constructor(paths: { readonly default: string })
  readonly modelManager: {
    downloadModel(url: string): Promise<{ open(): Promise<readonly Blob[]> }>
  }
  loadModelFromHF(
    source: { readonly repo: string; readonly file?: string },
    options?: {
      readonly n_ctx?: number
      readonly n_threads?: number
      readonly progressCallback?: (progress: {
        readonly loaded: number
        readonly total: number
      }) => unknown
    },
  ): Promise<void>
  loadModel(
    files: readonly Blob[],
    options?: { readonly n_ctx?: number; readonly n_threads?: number },
  ): Promise<void>
  createCompletion(task: {
    readonly prompt: string
    readonly max_tokens: number
    readonly temperature: number
  }): Promise<{ readonly choices: readonly { readonly text: string }[] }>
  exit(): Promise<void>
}
