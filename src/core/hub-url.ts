const pinned =
  /^[^?#]*\/(?:resolve|raw|tree|resolve-cache\/(?:models|datasets|spaces)\/[^?#]+)\/[0-9a-f]{40}(?:[/?#]|$)/

/**
 * Whether an address on a hub names a commit (40 hex), so that what it leads to never changes.
 *
 * @example isPinnedRevision('https://h/a/b/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e/x.onnx') // true
 */
export function isPinnedRevision(url: string): boolean {
  return pinned.test(url)
}

/** Whether an address has the shape of a hub's file, by a branch or a commit. */
export function isResolveUrl(url: string): boolean {
  return resolved.test(url)
}

/** A file's address on a hub by a revision that may come to mean another commit. */
export interface BranchFile {
  /** Names the branch: the file's address up to the revision. */
  readonly base: string
  /** From the slash after the revision on, with query. */
  readonly path: string
  /** Begin of the addresses of all files at one commit, 40 hex; `path` makes it one file's. */
  readonly at: (commit: string) => string
}

/**
 * At least one name in front of the word: a repository may itself be called so. A hub also takes the slashes of
 * `refs/pr/1` as they are.
 */
const resolved =
  /^(https?:\/\/[^/?#]+(?:\/[^/?#]+)+?\/resolve\/)((?:refs\/[^/?#]+\/)?[^/?#]+)(\/[^#]+)$/

/**
 * Takes an address apart whose revision is a branch or a tag.
 *
 * @param url without fragment
 * @returns undefined where no revision is named, or a commit
 * @example branchOf('https://h/a/b/resolve/main/x.onnx') // { base: 'https://h/a/b/resolve/main', path: '/x.onnx', … }
 */
export function branchOf(url: string): BranchFile | undefined {
  const [, root, revision, path] = resolved.exec(url) ?? []
  if (root === undefined || path === undefined || isPinnedRevision(url)) return undefined
  return { base: `${root}${revision}`, path, at: (commit) => `${root}${commit}` }
}

/** The path of an address within a hub, from its first slash on, without query; undefined: it is elsewhere. */
export function hubPath(url: string, hubs: readonly string[]): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const bases = hubs.map((hub) => hub.replace(/\/+$/, ''))
  const base = bases.find((each) => path.startsWith(`${each}/`))
  return base === undefined ? undefined : path.slice(base.length)
}

/** Which addresses are model files. */
export interface FilePatterns {
  /** Endpoints whose resolve URLs are model files, as `https://host`, with a path or without. */
  readonly hubs: readonly string[]
  /** Further files: whole URLs in which `*` stands for anything. */
  readonly files: readonly string[]
  /** Where files are model files by their extension alone: the app's own origin. Absent: nowhere. */
  readonly origin?: string
}

const name = /\.onnx[._]data(?:_\d+)?$/i

/**
 * Whether a path names weights that an ONNX model keeps beside itself. Exporters differ: `model.onnx_data`,
 * `model.onnx_data_1` for the next ones, `model.onnx.data`.
 */
export function isExternalData(path: string): boolean {
  return name.test(path)
}

/** How the names of model weights end, and nothing else; `.bin` says too little. */
export const weightEndings: readonly string[] = [
  '.onnx',
  '.gguf',
  '.safetensors',
  '.task',
  '.litertlm',
  '.tflite',
]

/** Whether a path, without query, has a name that nothing but model weights has. */
export function isWeights(path: string): boolean {
  return weightEndings.some((ending) => path.endsWith(ending)) || isExternalData(path)
}

const notes = [
  // A pointer to a large file, or a small file itself.
  /^\/(?:(?:datasets|spaces)\/)?[^/]+(?:\/[^/]+)?\/raw\/[^/]+\/.+$/,
  /^\/api\/(?:models|datasets|spaces)\/[^/]+(?:\/[^/]+)?\/tree\/[^/]+(?:\/.*)?$/,
  // Where hubs send those who ask for a small file; always by commit.
  /^\/api\/resolve-cache\/(?:models|datasets|spaces)\/.+\/[0-9a-f]{40}\/.+$/,
]

/**
 * Tells what a hub says about its files from the files: pointers, listings, and small files it answers itself.
 *
 * @example noteMatcher(['https://huggingface.co'])('https://huggingface.co/api/models/a/b/tree/main') // true
 */
export function noteMatcher(hubs: readonly string[]): (url: string) => boolean {
  return (url) => {
    const path = hubPath(url, hubs)
    return path !== undefined && notes.some((note) => note.test(path))
  }
}

/** A regular expression for a text in which `*` stands for any run of characters, and nothing else is special. */
export function wildcard(pattern: string): RegExp {
  const escaped = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
  return new RegExp(`^${escaped.join('.*')}$`)
}

/** Repository of one or two names, kinds other than models in front, then revision and path. */
const resolvePath =
  /^\/(?:(?:datasets|spaces|buckets)\/)?[^/]+(?:\/[^/]+)?\/resolve\/[^/]+(?:\/.+)?$/

/**
 * Tells model files from everything else by the shape of the address alone, since a service worker has to
 * decide at once.
 *
 * @example fileMatcher({ hubs: ['https://huggingface.co'], files: [] })('https://huggingface.co/a/b/resolve/main/c') // true
 */
export function fileMatcher({ hubs, files, origin }: FilePatterns): (url: string) => boolean {
  const patterns = files.map(wildcard)
  const isNote = noteMatcher(hubs)
  return (url) => {
    const plain = url.split('#', 1)[0] ?? ''
    const path = plain.split('?', 1)[0] ?? ''
    const ours =
      resolvePath.test(hubPath(plain, hubs) ?? '') ||
      patterns.some((pattern) => pattern.test(plain))
    return (
      ours ||
      (origin !== undefined &&
        path.startsWith(`${origin}/`) &&
        isWeights(path) &&
        // A listing or a pointer may end like the file it speaks of.
        !isNote(plain))
    )
  }
}

const runtimes = [
  // Packages by exact version: a range such as @4 or @latest leads to other bytes one day.
  /^https:\/\/(?:cdn\.jsdelivr\.net\/npm|unpkg\.com)\/(?:onnxruntime-web|@huggingface\/transformers|@wllama\/wllama|@(?:mediapipe|litertjs)\/[\w.-]+)@\d+\.\d+\.\d+(?:-[\w.-]+)?\/[^?]+\.(?:wasm|mjs|js)$/,
  /^https:\/\/raw\.githubusercontent\.com\/[^/?]+\/[^/?]+\/[0-9a-f]{40}\/[^?]+-webgpu\.wasm$/,
]

/**
 * Whether an address is a script or WebAssembly module of a known model runtime on a known CDN, in one exact
 * version, so that what it leads to never changes.
 *
 * @example isRuntime('https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/dist/ort.mjs') // true
 */
export function isRuntime(url: string): boolean {
  const plain = url.split('#', 1)[0] ?? ''
  return runtimes.some((runtime) => runtime.test(plain))
}

/** The shape of a request, as it can be seen at once. */
interface RequestShape {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly cache: RequestCache
}

/**
 * Whether a request may be answered with a model file, if it names one. Everything else is the browser's:
 * visits, changes, what its own cache alone may answer, and requests to other origins that are to stay opaque
 * or to fail there.
 *
 * @param origin of the page
 */
export function isFileRequest({ url, method, mode, cache }: RequestShape, origin: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (cache === 'only-if-cached' || mode === 'navigate') return false
  return mode === 'cors' || url.startsWith(`${origin}/`)
}

/**
 * Whether a browser sends cookies along with a request. Model files are asked for without them; a server that
 * goes by cookies has to be asked by the request itself.
 *
 * @param origin of the page
 */
export function sendsCookies(
  { url, credentials }: { readonly url: string; readonly credentials: RequestCredentials },
  origin: string,
): boolean {
  if (credentials === 'same-origin') return url.startsWith(`${origin}/`)
  return credentials === 'include'
}
