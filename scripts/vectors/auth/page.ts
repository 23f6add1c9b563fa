import { checkAuthVectors } from './checkAuthVectors.ts'

// The script of the page: makes the check callable from outside.
Object.assign(globalThis, { checkAuthVectors })
