/**
 * Kinds of synthetic bytes: `noise` cannot be compressed, `text` suits plain LZ4, `floats` compress better when their
 * bytes are grouped first.
 */
export type Texture = 'noise' | 'text' | 'floats'
