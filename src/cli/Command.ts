import type { GatewayFiles } from './GatewayFiles.ts'

/** What the user wants. */
export type Command =
  | { readonly name: 'help' | 'version' }
  | {
      readonly name: 'serve'
      readonly folder: string
      readonly port: number
      readonly storagePort: number
      readonly host: string
      readonly urlLifetimeMs: number
      readonly controls: boolean
      /** The gateway's files; without a `config` there is no gateway. */
      readonly gateway?: GatewayFiles
    }
  | {
      readonly name: 'init'
      /** Undefined: those remembered. */
      readonly folder: string | undefined
      /** Whether the page's script goes there too. */
      readonly script: boolean
    }
  | {
      readonly name: 'remove'
      readonly folder: string | undefined
      /** What is left in the service worker's place, to end it on devices; undefined: nothing. */
      readonly leave: 'self-destroying' | 'clearing' | undefined
    }
