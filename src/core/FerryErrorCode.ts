/** Every way modelferry fails, as a closed union: callers may switch over it without a default. */
export type FerryErrorCode =
  | 'aborted' // the caller gave up
  | 'busy' // a server or a queue has no room now; the message says when to come back
  | 'closed' // connection or engine was closed
  | 'configuration' // an option is wrong
  | 'expired-url' // presigned URLs kept being refused after renewals
  | 'forbidden' // 403 from the hub
  | 'http' // the server answered a status that is no success and no special case
  | 'insecure-context' // no https and no localhost
  | 'integrity' // bytes do not hash to what was promised
  | 'network' // no answer, or an answer cut short, after all retries
  | 'not-found' // 404 from the hub
  | 'policy' // Content-Security-Policy or Trusted Types forbid what is needed; the message names the directive
  | 'protocol' // an answer that does not follow the protocol; the message names the field
  | 'quota' // no room on the device
  | 'scope' // the service worker cannot control this page
  | 'storage' // the device's storage failed
  | 'superseded' // another tab took over this file
  | 'timeout' // nobody answered in time
  | 'unauthorized' // 401 from the hub
  | 'unsupported' // the browser lacks something that is needed
  | 'worker' // a worker file is missing, broken or of another version; or a page or a worker is not controlled
