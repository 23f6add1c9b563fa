import { checkAuthVectors } from './checkAuthVectors.ts'

// What a page runs: everything above, under a name that the script outside can call.
Object.assign(globalThis, { checkAuthVectors })
