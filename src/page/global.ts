export { connect } from './connect.ts'
export { FerryError } from '../core/FerryError.ts'
