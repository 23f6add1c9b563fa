/** What the Vite plugin gives to the app. */
declare module 'virtual:modelferry' {
  type Options = import('../page/index.ts').ConnectOptions
  type Connection = import('../page/index.ts').Ferry

  /** `connect` of 'modelferry' with the right addresses, the plugin's options, and the build's files as shell. */
  export function connect(options?: Options): Promise<Connection>
  /** Path of the service worker file; false where there is none. */
  export const serviceWorker: string | false
  /** Path of the loader worker file. */
  export const worker: string
  /** Path that the service worker controls. */
  export const scope: string
}
