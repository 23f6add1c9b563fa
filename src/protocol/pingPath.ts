/** Below the service worker's scope; answered by it alone, to keep it alive while bytes flow. */
export const pingPath = 'modelferry-ping'
