import { runPage } from './app/app-requests.ts'
import { runAuth } from './auth/runAuth.ts'
import { runCodec } from './codec/runCodec.ts'
import { runLine } from './line/line.ts'
import { parseOptions } from './parseOptions.ts'
import { runBrowser } from './runBrowser.ts'
import { runPipeline } from './pipeline/pipeline.ts'
import { runSim } from './sim/run-sim.ts'
import { runSmall } from './small/small-files.ts'
import { runUpdate } from './update/update.ts'
import { runWake } from './wake/runWake.ts'
import { runWarm } from './warm/warm.ts'

const options = parseOptions(process.argv.slice(2))
const runs = {
  auth: runAuth,
  codec: runCodec,
  line: runLine,
  load: runBrowser,
  memory: runBrowser,
  page: runPage,
  pipeline: runPipeline,
  sim: runSim,
  small: runSmall,
  update: runUpdate,
  wake: runWake,
  warm: runWarm,
}
if (options !== undefined) await runs[options.name](options)
