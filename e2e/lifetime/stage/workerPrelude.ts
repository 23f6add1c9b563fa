/**
 * Is prepended to modelferry's service worker, in the same file. It observes the requests that keep the worker alive
 * before they are answered, and blocks on request. The code after it begins with a bracket.
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
