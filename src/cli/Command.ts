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
