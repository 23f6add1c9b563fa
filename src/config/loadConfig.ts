import { assembleConfig } from './assembleConfig.ts'
import type { ConfigSources } from './ConfigSources.ts'
import type { GatewayConfig } from './GatewayConfig.ts'

/**
 * Makes the configuration of a gateway. Of every entry, the first is believed that has it: the process, the local
 * file, the shared file, the default; within a file, the chosen environment goes before the base.
 *
 * @param sources already read; nothing here touches a file, and none of them is changed
 * @throws FerryError `configuration` naming every entry that is unknown or malformed, in any environment, chosen or
 * not; every variable that is missing or misspelt; entries that contradict each other. No secret is in its message.
 * @example loadConfig({ process: process.env, local: parseJson(text, 'gateway.json') })
 */
export function loadConfig(sources: ConfigSources): GatewayConfig {
  return assembleConfig(sources).config
}
