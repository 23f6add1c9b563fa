/** The virtual module that the Vite plugin provides to the app. */
declare module 'virtual:modelferry' {
  type Options = import('../page/index.ts').ConnectOptions
  type Connection = import('../page/index.ts').Ferry

  /** `connect` of 'modelferry' with the right URLs, the plugin's options, and the build's files as shell. */
  export function connect(options?: Options): Promise<Connection>
  /** Path of the service worker file; false when there is none. */
  export const serviceWorker: string | false
  /** Path of the loader worker file. */
  export const worker: string
  /** Path that the service worker controls. */
  export const scope: string
}
