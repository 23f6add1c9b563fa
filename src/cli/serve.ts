import { existsSync } from 'node:fs'
import { startHub } from '../hub/index.ts'
import type { Command } from './Command.ts'
import { gatewayFront } from './gatewayFront.ts'
import type { Output } from './Output.ts'

/**
 * Serves a hub until the process is told to end; behind a gateway, when a configuration of one is named.
 *
 * @param command from `parseCommand`
 * @param output where results and notes go
 * @param ended resolves when it is time to stop
 * @throws FerryError `configuration` when the folder, a port or the gateway's configuration cannot be used
 */
export async function serve(
  command: Extract<Command, { name: 'serve' }>,
  output: Output,
  ended: Promise<unknown>,
): Promise<void> {
  const { folder, gateway: files } = command
  const gateway = files === undefined ? undefined : await gatewayFront(files, output)
  const isNew = !existsSync(folder)
  const running = await startHub({
    ...command,
    // A CAS token carries its owner's standing: no longer than a verdict about a token is believed at most.
    ...(gateway && { front: gateway.front, tokenLifetimeMs: 300_000 }),
  })
  const reload = (): void => void gateway?.reload()
  if (gateway) process.on('SIGHUP', reload)
  if (isNew) output.note(`The folder ${folder} was missing, so it was made; the hub is empty.`)
  const behind = files === undefined ? '' : `, behind the gateway of ${files.config}`
  output.print(
    `modelferry serves ${folder} at ${running.url} (storage at ${running.storageUrl})${behind}`,
  )
  await ended
  process.off('SIGHUP', reload)
  gateway?.close()
  await running.close()
}
