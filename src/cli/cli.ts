#!/usr/bin/env node
import { helpText } from './helpText.ts'
import { parseCommand } from './parseCommand.ts'
import { serve } from './serve.ts'

const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})

try {
  const command = parseCommand(process.argv.slice(2))
  if (command.name === 'serve') {
    const output = {
      print: (line: string) => console.log(line),
      note: (line: string) => console.error(line),
    }
    await serve(command, output, ended)
  } else {
    // The bundler puts the version in; run from its sources, the program has none.
    const version = typeof __VERSION__ === 'undefined' ? '0.0.0' : __VERSION__
    process.stdout.write(command.name === 'help' ? helpText : `${version}\n`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
