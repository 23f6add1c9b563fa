import type { PluginOptions } from './PluginOptions.ts'

/** Plugin options with every default filled in. */
export interface PluginSettings extends Required<Omit<PluginOptions, 'scope'>> {
  readonly scope: string | undefined
  /** Folder of the files below the base, empty or with a slash at its end. */
  readonly folder: string
}
