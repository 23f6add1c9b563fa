/** Where a library runs. */
export type Realm = 'page' | 'worker'
