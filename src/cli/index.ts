#!/usr/bin/env node
// The CLI: init, remove and serve.
// Node only; may use every other room.
// Start with command.ts (the arguments). This file is the bin entry.

import { helpText, parseCommand } from './command.ts'
import { init, remove } from './init.ts'
import { serve } from './serve.ts'

const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})

try {
  const command = parseCommand(process.argv.slice(2), process.env)
  const output = {
    print: (line: string) => console.log(line),
    note: (line: string) => console.error(line),
  }
  if (command.name === 'serve') await serve(command, output, ended)
  else if (command.name === 'init') await init(command, output, process.cwd())
  else if (command.name === 'remove') await remove(command, output, process.cwd())
  else {
    // The bundler inserts the version; there is none when the program runs from its sources.
    const version = typeof __VERSION__ === 'undefined' ? '0.0.0' : __VERSION__
    process.stdout.write(command.name === 'help' ? helpText : `${version}\n`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
