/** What a site has of modelferry. */
export const ownFiles = ['modelferry.js', 'modelferry-sw.js', 'modelferry-worker.js'] as const
