import { parseArgs } from 'node:util'
import type { BenchOptions } from './BenchOptions.ts'

const usage = `npm run bench -- [load | line | memory | small | pipeline | warm | update | page | codec | wake | auth | sim] [options]

  load     time to the last byte: plain fetch, modelferry, @huggingface/hub (default)
  line     first and last bytes of files and ranges over lines of a few MB/s; it has lines of its own
  memory   what the renderer takes while a file is read and thrown away
  small    time to the last byte of 1, 25, 50 and 100 small Xet files that are requested at once, of 200 in each of two tabs, and the calls that it takes
  pipeline transformers.js (7 files, 30 small files), wllama and @huggingface/hub, cold, each without and with modelferry
  warm     a whole stored file, headers and last byte: modelferry, the Cache API, a bare service worker
  update   bytes that come when 5 % of a file have changed, over the bytes that are missing
  page     the app's own small requests (p50, p90) while a file comes from the same origin, over HTTP/1.1
  codec    unpacking and hashing in a page; of the options only --rounds and --json matter
  wake     first answer of a service worker that has to be started; likewise
  auth     decisions, queue and gateway, in Node; likewise
  sim      loads over simulated lines with the functions that decide in a download; likewise

  --size MB        of the made-up file (default: load, warm 100, memory 400, update 256, page 24)
  --rounds N       that count, after one that does not (default: 5; line, memory and update 3, auth 7, sim 100)
  --latency ms     added to every round trip (default: 0; pipeline 50)
  --bandwidth MB/s most that one connection carries; for page, all together (default: no limit; page 4)
  --json FILE      writes all samples there`

/** What a comparison uses where the command line does not say. */
interface Defaults {
  readonly rounds: number
  /** MB. */
  readonly size?: number
  readonly latency?: number
  /** MB/s. */
  readonly bandwidth?: number
}

const defaults: Readonly<Record<BenchOptions['name'], Defaults>> = {
  load: { rounds: 5, size: 100 },
  line: { rounds: 3 },
  memory: { rounds: 3, size: 400 },
  small: { rounds: 5 },
  pipeline: { rounds: 5, latency: 50 },
  warm: { rounds: 5, size: 100 },
  update: { rounds: 3, size: 256 },
  page: { rounds: 5, size: 24, bandwidth: 4 },
  codec: { rounds: 5 },
  wake: { rounds: 5 },
  auth: { rounds: 7 },
  sim: { rounds: 100 },
}

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
  const { rounds, size = 100, latency = 0, bandwidth = Infinity } = defaults[name]
  return {
    name,
    size: Math.round(number('size', size) * 250_000) * 4,
    rounds: Math.ceil(number('rounds', rounds)),
    latencyMs: number('latency', latency),
    bytesPerSecond: number('bandwidth', bandwidth) * 1e6,
    ...(values.json !== undefined && { json: values.json }),
  }
}

function isName(name: string): name is BenchOptions['name'] {
  return Object.hasOwn(defaults, name)
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
