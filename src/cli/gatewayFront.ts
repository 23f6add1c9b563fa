import type { ConfiguredGateway } from '../gateway/index.ts'
import { gatewayFromConfig } from '../gateway/index.ts'
import type { HubFront } from '../hub/index.ts'
import type { GatewayFiles } from './GatewayFiles.ts'
import { hubService } from './hubService.ts'
import type { Output } from './Output.ts'
import { readGatewayConfig } from './readGatewayConfig.ts'

/** A gateway that stands before a hub from the moment the hub listens. */
export interface GatewayFront {
  readonly front: HubFront
  /** Reads the files again. What is wrong with them is noted, and the rules of before hold. */
  reload(): Promise<void>
  close(): void
}

/**
 * Reads a gateway's configuration, so that what is wrong with it is told before anything listens.
 *
 * @param files where it is
 * @param output `print` takes the lines of the log, `note` what an operator should know
 * @throws FerryError `configuration` that names the file and the entry
 */
export async function gatewayFront(files: GatewayFiles, output: Output): Promise<GatewayFront> {
  const { print, note } = output
  const config = await readGatewayConfig(files, process.env)
  let gateway: ConfiguredGateway | undefined
  return {
    front(serve, hub) {
      const started = gatewayFromConfig(config, {
        hub: hubService(serve, hub),
        write: (text) => print(text.trimEnd()),
        note,
        // Beside the lines of the log, and dated as they are.
        audit: ({ at, ...event }) =>
          print(JSON.stringify({ ts: new Date(at).toISOString(), ...event })),
      })
      gateway = started
      return (request, from) => started.fetch(request, from)
    },
    async reload() {
      try {
        gateway?.reload(await readGatewayConfig(files, process.env))
        note(`The gateway goes by ${files.config} as it is now.`)
      } catch (error) {
        note(
          `The gateway goes on as before. ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    },
    close: () => gateway?.close(),
  }
}
