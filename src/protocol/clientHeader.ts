/** Tells a page by which id the service worker knows it, in answer to a ping. */
export const clientHeader = 'x-modelferry-client'
