import type { Realm } from './Realm.ts'

/** Every realm, to run a test in each. */
export const realms: readonly Realm[] = ['page', 'worker']
