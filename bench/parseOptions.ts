import { parseArgs } from 'node:util'
import type { BenchOptions } from './BenchOptions.ts'

const usage = `npm run bench -- [load | line | memory | small | codec | wake | auth | sim] [options]

  load     time to the last byte: plain fetch, modelferry, @huggingface/hub (default)
  line     first and last bytes of files and ranges over lines of a few MB/s; it has lines of its own
  memory   what the renderer takes while a file is read and thrown away
  small    time to the last byte of 1, 25, 50 and 100 small Xet files that are requested at once, and the calls that it takes
  codec    unpacking and hashing in a page; of the options only --rounds and --json matter
  wake     first answer of a service worker that has to be started; likewise
  auth     decisions, queue and gateway, in Node; likewise
  sim      loads over simulated lines with the functions that decide in a download; likewise

  --size MB        of the made-up file (default: load 100, memory 400)
  --rounds N       that count, after one that does not (default: load, small, codec and wake 5, line and memory 3, auth 7, sim 100)
  --latency ms     added to every round trip (default: 0)
  --bandwidth MB/s most that one connection carries (default: no limit)
  --json FILE      writes all samples there`

const rounds = {
  load: 5,
  line: 3,
  memory: 3,
  small: 5,
  codec: 5,
  wake: 5,
  auth: 7,
  sim: 100,
} as const

/**
 * Reads the command line.
 *
 * @param args without program and script
 * @returns undefined when help was requested and printed
 * @throws Error that shows the usage when an argument is unknown or not a number
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parse(args)
  if (values.help === true) {
    console.log(usage)
    return undefined
  }
  const [name = 'load', ...more] = positionals
  if (!isName(name) || more.length > 0)
    throw new Error(`There is no comparison "${positionals.join(' ')}".\n\n${usage}`)
  const number = (option: 'size' | 'rounds' | 'latency' | 'bandwidth', absent: number): number => {
    const text = values[option]
    if (text === undefined) return absent
    const value = Number(text)
    if (value > 0 || (value === 0 && option === 'latency')) return value
    throw new Error(`--${option} must be a positive number, but it is "${text}".\n\n${usage}`)
  }
  return {
    name,
    size: Math.round(number('size', name === 'load' ? 100 : 400) * 250_000) * 4,
    rounds: Math.ceil(number('rounds', rounds[name])),
    latencyMs: number('latency', 0),
    bytesPerSecond: number('bandwidth', Infinity) * 1e6,
    ...(values.json !== undefined && { json: values.json }),
  }
}

function isName(name: string): name is BenchOptions['name'] {
  return Object.hasOwn(rounds, name)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        size: { type: 'string' },
        rounds: { type: 'string' },
        latency: { type: 'string' },
        bandwidth: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error })
  }
}
