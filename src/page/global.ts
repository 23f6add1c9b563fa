export { connect } from './connect.ts'
export { transformersCache } from './transformersCache.ts'
export { FerryError } from '../core/FerryError.ts'
