/** Message from a page that asks the service worker to control it. */
export const claimMessage = 'modelferry-claim'
