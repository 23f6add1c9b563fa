import { runAuth } from './auth/runAuth.ts'
import { runCodec } from './codec/runCodec.ts'
import { runLine } from './line/line.ts'
import { parseOptions } from './parseOptions.ts'
import { runBrowser } from './runBrowser.ts'
import { runSim } from './sim/run-sim.ts'
import { runSmall } from './small/small-files.ts'
import { runWake } from './wake/runWake.ts'

const options = parseOptions(process.argv.slice(2))
const runs = {
  auth: runAuth,
  codec: runCodec,
  line: runLine,
  load: runBrowser,
  memory: runBrowser,
  sim: runSim,
  small: runSmall,
  wake: runWake,
}
if (options !== undefined) await runs[options.name](options)
