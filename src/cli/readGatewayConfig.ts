import { readFile } from 'node:fs/promises'
import type { GatewayConfig } from '../config/GatewayConfig.ts'
import { loadConfig } from '../config/loadConfig.ts'
import { parseJson } from '../config/parseJson.ts'
import { FerryError } from '../core/FerryError.ts'
import type { GatewayFiles } from './GatewayFiles.ts'

/**
 * Reads a gateway's configuration: variables of the process, then the file, then the shared one, then defaults.
 *
 * @param variables of the process
 * @throws FerryError `configuration` that names the file and the entry
 */
export async function readGatewayConfig(
  { config, sharedConfig, environment }: GatewayFiles,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<GatewayConfig> {
  const local = await readJsonFile(config)
  const shared = sharedConfig === undefined ? undefined : await readJsonFile(sharedConfig)
  return loadConfig({
    process: variables,
    local,
    ...(shared !== undefined && { shared }),
    ...(environment !== undefined && { environment }),
    names: { local: config, ...(sharedConfig !== undefined && { shared: sharedConfig }) },
  })
}

async function readJsonFile(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new FerryError('configuration', `The file ${path} cannot be read (${why}).`, { cause })
  }
  return parseJson(text, path)
}
