import { startAuto } from './auto.ts'
import type { Ferry } from './ferry.ts'

export { connect } from './connect.ts'
export { transformersCache } from './transformers-cache.ts'
export { FerryError } from '../core/index.ts'

/** The connection of a script tag with `data-auto`; undefined without it. */
export const ready: Promise<Ferry> | undefined = startAuto(document.currentScript)
