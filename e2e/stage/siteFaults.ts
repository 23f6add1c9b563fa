import type { SiteFault } from './SiteFault.ts'

const javascript = { 'content-type': 'text/javascript; charset=utf-8' }

/** Faults of a site. */
export const siteFaults: Record<string, SiteFault> = {
  'no service worker file': {
    site: { '/modelferry-sw.js': undefined },
    code: 'worker',
    says: /modelferry-sw\.js.*missing.*modelferry init/,
  },
  'a service worker file with a wrong MIME type': {
    site: { '/modelferry-sw.js': { headers: { 'content-type': 'text/plain' }, body: '' } },
    code: 'worker',
    says: /modelferry-sw\.js.*MIME type.*modelferry init/,
  },
  'a service worker file that throws': {
    site: { '/modelferry-sw.js': { headers: javascript, body: 'throw new Error("broken")' } },
    code: 'worker',
    says: /modelferry-sw\.js.*failed/,
  },
  'a service worker below the page': {
    site: { '/deep/modelferry-sw.js': { headers: javascript, body: '' } },
    pageOptions: { serviceWorker: '/deep/modelferry-sw.js' },
    code: 'scope',
    says: /outside.*\/deep\/.*Service-Worker-Allowed/,
  },
  'a scope above the service worker': {
    site: { '/deep/modelferry-sw.js': { headers: javascript, body: '' } },
    pageOptions: { serviceWorker: '/deep/modelferry-sw.js', scope: '/' },
    code: 'scope',
    says: /Service-Worker-Allowed/,
  },
  'no loader worker file': {
    site: { '/modelferry-worker.js': undefined },
    code: 'worker',
    says: /modelferry-worker\.js.*missing.*modelferry init/,
  },
  'a loader worker that says nothing': {
    site: { '/modelferry-worker.js': { headers: javascript, body: '' } },
    code: 'worker',
    says: /modelferry-worker\.js.*another version.*modelferry init/,
  },
  'a loader worker that throws': {
    site: { '/modelferry-worker.js': { headers: javascript, body: 'undefined.nothing' } },
    code: 'worker',
    says: /service worker.*modelferry-worker\.js.*fails.*modelferry init/,
  },
  'a loader worker that says nothing, and no service worker': {
    site: { '/modelferry-worker.js': { headers: javascript, body: '' } },
    pageOptions: { serviceWorker: false, timeoutMs: 1000 },
    code: 'timeout',
    says: /loader worker.*1000 ms/,
  },
  'a service worker of another origin': {
    pageOptions: { serviceWorker: 'https://cdn.example/modelferry-sw.js' },
    code: 'configuration',
    says: /serviceWorker.*origin.*copy/,
  },
}
