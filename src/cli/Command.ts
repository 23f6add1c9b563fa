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
    }
