import type { ErrorData, Ferry } from 'modelferry'
import type { Stage } from './Stage.ts'
import type { StagePage } from './StagePage.ts'

/** The globals of such a page. */
export interface AutoWindow {
  /** Whether the service worker controlled the page from its start. */
  atOnce: boolean
  modelferry: { ready: Promise<Ferry> }
  /** The label of the response to the page's first fetch. */
  early: Promise<string | null>
  faults: ErrorData[]
}

/** Adds a page to the site whose first line connects, and whose next one already fetches a model. */
export function writeAutoPage(stage: Stage<StagePage>): void {
  const url = stage.url(stage.files.vad)
  stage.site.answers.set('/', {
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="en"><title>auto</title><link rel="icon" href="data:,">
<script src="/modelferry.js" data-auto data-hubs="${stage.hub.url}" data-shell="/ /modelferry.js"></script>
<script>
  atOnce = navigator.serviceWorker.controller !== null
  faults = []
  modelferry.ready.then((ferry) => ferry.addEventListener('fault', ({ detail }) => faults.push(detail)), () => {})
  early = fetch('${url}').then(async (response) => {
    await response.arrayBuffer()
    return response.headers.get('x-modelferry')
  })
</script>`,
  })
}
