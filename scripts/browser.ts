import { browserSources } from './browser/browserSources.ts'
import { chromium } from './browser/chromium.ts'
import { installedBrowser } from './browser/installedBrowser.ts'
import { obtainBrowser } from './browser/obtainBrowser.ts'

// Prints the path of a Chromium or Chrome, installing one if need be.
console.log(await obtainBrowser(chromium, installedBrowser, browserSources, console.error))
