const types: Readonly<Record<string, string>> = {
  wasm: 'application/wasm', // streaming compilation insists on it
  js: 'text/javascript',
  mjs: 'text/javascript',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
}

/**
 * Content type of a model file by its name: hubs call most of them a stream of bytes or, on a redirect,
 * nothing at all.
 */
export function contentTypeOf(url: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? ''
  return types[extension] ?? 'application/octet-stream'
}
