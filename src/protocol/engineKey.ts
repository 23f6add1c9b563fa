/**
 * Where the loader worker's script leaves its engine when a service worker imports it. A symbol, since the scope
 * may be another's.
 */
export const engineKey: unique symbol = Symbol.for('modelferry.engine')
