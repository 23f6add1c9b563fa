import { runAuth } from './auth/runAuth.ts'
import { parseOptions } from './parseOptions.ts'
import { runBrowser } from './runBrowser.ts'

const options = parseOptions(process.argv.slice(2))
if (options !== undefined) await (options.name === 'auth' ? runAuth(options) : runBrowser(options))
