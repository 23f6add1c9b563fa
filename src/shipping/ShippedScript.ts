/** Built files that are put on somebody's site as they are, by name. */
export type ShippedScript = 'modelferry-sw.js' | 'modelferry-worker.js' | 'modelferry.js'
