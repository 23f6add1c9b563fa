/**
 * What stretches of made-up bytes are like: `noise` cannot be compressed, `text` suits plain LZ4, `floats`
 * are made smaller by grouping their bytes first.
 */
export type Texture = 'noise' | 'text' | 'floats'
