import { existsSync } from 'node:fs'
import { startHub } from '../hub/index.ts'
import type { Command } from './Command.ts'

/**
 * Serves a hub until the process is told to end.
 *
 * @param command from `parseCommand`
 * @param print writes a line for the user; `note` writes one that is no result
 * @param ended resolves when it is time to stop
 * @throws FerryError `configuration` when the folder or a port cannot be used
 */
export async function serve(
  command: Extract<Command, { name: 'serve' }>,
  { print, note }: { print: (line: string) => void; note: (line: string) => void },
  ended: Promise<unknown>,
): Promise<void> {
  const isNew = !existsSync(command.folder)
  const running = await startHub(command)
  if (isNew) note(`The folder ${command.folder} was missing, so it was made; the hub is empty.`)
  print(`modelferry serves ${command.folder} at ${running.url} (storage at ${running.storageUrl})`)
  await ended
  await running.close()
}
