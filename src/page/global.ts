import { startAuto } from './auto/startAuto.ts'
import type { Ferry } from './Ferry.ts'

export { connect } from './connect.ts'
export { transformersCache } from './transformersCache.ts'
export { FerryError } from '../core/FerryError.ts'

/** The connection of a script tag with `data-auto`; undefined without it. */
export const ready: Promise<Ferry> | undefined = startAuto(document.currentScript)
