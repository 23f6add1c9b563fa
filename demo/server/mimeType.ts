import { extname } from 'node:path'

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/** The content type of a file, by its name. Browsers refuse workers and wasm with a wrong type. */
export function mimeType(path: string): string {
  return TYPES[extname(path)] ?? 'application/octet-stream'
}
