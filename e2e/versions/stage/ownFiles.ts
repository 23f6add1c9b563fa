/** Files of modelferry on a site. */
export const ownFiles = ['modelferry.js', 'modelferry-sw.js', 'modelferry-worker.js'] as const
