/**
 * Stands in front of modelferry's service worker, in its file: hears the requests that keep it alive before they
 * are answered, and hangs when it is told to. What follows begins with a bracket.
 */
export const workerPrelude: string = `
const overheard = new BroadcastChannel('pings')
addEventListener('fetch', ({ request }) => {
  if (request.url.endsWith('/modelferry-ping')) overheard.postMessage(null)
})
addEventListener('message', ({ data }) => {
  while (data === 'hang');
})
;
`
