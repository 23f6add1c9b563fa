const pinned =
  /^[^?#]*\/(?:resolve|raw|tree|resolve-cache\/(?:models|datasets|spaces)\/[^?#]+)\/[0-9a-f]{40}(?:[/?#]|$)/

/**
 * Whether a hub URL names a commit (40 hex), so that its content never changes.
 *
 * @example isPinnedRevision('https://h/a/b/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e/x.onnx') // true
 */
export function isPinnedRevision(url: string): boolean {
  return pinned.test(url)
}

/** Whether a URL has the form of a hub file, with a branch or a commit. */
export function isResolveUrl(url: string): boolean {
  return resolved.test(url)
}

/** Whether a hub serves a URL as the content of a file. Its bytes at one commit never change; branches are revalidated. */
export function isOfHub(url: string): boolean {
  return isResolveUrl(url) || isPinnedRevision(url)
}

/** A hub file's URL with a revision whose commit may change. */
export interface BranchFile {
  /** Identifies the branch: the file's URL up to the revision. */
  readonly base: string
  /** From the slash after the revision on, with query. */
  readonly path: string
  /** Prefix of the URLs of all files at one commit, 40 hex; append `path` for one file. */
  readonly at: (commit: string) => string
}

/**
 * At least one name before `resolve`, because a repository may have that name. A hub also accepts unescaped slashes
 * in `refs/pr/1`.
 */
const resolved =
  /^(https?:\/\/[^/?#]+(?:\/[^/?#]+)+?\/resolve\/)((?:refs\/[^/?#]+\/)?[^/?#]+)(\/[^#]+)$/

/**
 * Parses a URL whose revision is a branch or a tag.
 *
 * @param url without fragment
 * @returns undefined when there is no revision, or when it is a commit
 * @example branchOf('https://h/a/b/resolve/main/x.onnx') // { base: 'https://h/a/b/resolve/main', path: '/x.onnx', … }
 */
export function branchOf(url: string): BranchFile | undefined {
  const [, root, revision, path] = resolved.exec(url) ?? []
  if (root === undefined || path === undefined || isPinnedRevision(url)) return undefined
  return { base: `${root}${revision}`, path, at: (commit) => `${root}${commit}` }
}

/** A hub's URL of a file, without query, split at its revision; undefined: it is none. */
export function splitResolveUrl(
  url: string,
): { readonly root: string; readonly revision: string; readonly file: string } | undefined {
  const [, root, revision, file] = resolved.exec(url) ?? []
  return root === undefined || revision === undefined || file === undefined
    ? undefined
    : { root, revision, file }
}

/** The path of a URL within a hub, from its first slash, without query; undefined: on no hub. */
function hubPath(url: string, hubs: readonly string[]): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const bases = hubs.map((hub) => hub.replace(/\/+$/, ''))
  const base = bases.find((each) => path.startsWith(`${each}/`))
  return base === undefined ? undefined : path.slice(base.length)
}

/** A whole URL in which `*` matches anything; with a key, what its files are stored under (`$1`: the first `*`). */
export type FilePattern = string | { readonly match: string; readonly key: string }

/** Patterns of model file URLs. */
export interface FilePatterns {
  /** Endpoints whose resolve URLs are model files, as `https://host`, with an optional path. */
  readonly hubs: readonly string[]
  /**
   * Further files: whole URLs in which `*` matches anything. A second part after a space is the URL that the file is
   * stored under; `$1` stands for what the first `*` matched.
   */
  readonly files: readonly string[]
  /** The app's own origin, where files are model files by their extension alone. Absent: no origin. */
  readonly origin?: string
}

const name = /\.onnx[._]data(?:_\d+)?$/i

/**
 * Whether a path names external data of an ONNX model. Exporters use different names: `model.onnx_data`,
 * `model.onnx_data_1` for further files, `model.onnx.data`.
 */
export function isExternalData(path: string): boolean {
  return name.test(path)
}

/** Extensions that only model weights have; `.bin` is too common. */
export const weightEndings: readonly string[] = [
  '.onnx',
  '.gguf',
  '.safetensors',
  '.task',
  '.litertlm',
  '.tflite',
]

/** Whether a path, without query, has an extension that only model weights have. */
export function isWeights(path: string): boolean {
  return weightEndings.some((ending) => path.endsWith(ending)) || isExternalData(path)
}

const metadataPaths = [
  // An LFS pointer, or a small file itself.
  /^\/(?:(?:datasets|spaces)\/)?[^/]+(?:\/[^/]+)?\/raw\/[^/]+\/.+$/,
  /^\/api\/(?:models|datasets|spaces)\/[^/]+(?:\/[^/]+)?\/tree\/[^/]+(?:\/.*)?$/,
  // Target of a hub's redirect for a small file; always with a commit.
  /^\/api\/resolve-cache\/(?:models|datasets|spaces)\/.+\/[0-9a-f]{40}\/.+$/,
]

/**
 * Makes a test for metadata that a hub serves about its files: pointers, listings, and small files without redirect
 * to storage.
 *
 * @example metadataMatcher(['https://huggingface.co'])('https://huggingface.co/api/models/a/b/tree/main') // true
 */
export function metadataMatcher(hubs: readonly string[]): (url: string) => boolean {
  return (url) => {
    const path = hubPath(url, hubs)
    return path !== undefined && metadataPaths.some((pattern) => pattern.test(path))
  }
}

/**
 * A regular expression for a text in which `*` matches any characters and no other character is special. The text ends
 * at its first space.
 */
export function wildcard(pattern: string): RegExp {
  const escaped = (pattern.split(' ', 1)[0] ?? '')
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
  return new RegExp(`^${escaped.join('(.*)')}$`)
}

/** Repository of one or two names, kinds other than models in front, then revision and path. */
const resolvePath =
  /^\/(?:(?:datasets|spaces|buckets)\/)?[^/]+(?:\/[^/]+)?\/resolve\/[^/]+(?:\/.+)?$/

/**
 * Makes a test for model files by the form of the URL alone, because a service worker must decide synchronously.
 *
 * @example fileMatcher({ hubs: ['https://huggingface.co'], files: [] })('https://huggingface.co/a/b/resolve/main/c') // true
 */
export function fileMatcher({ hubs, files, origin }: FilePatterns): (url: string) => boolean {
  const patterns = files.map(wildcard)
  const isMetadata = metadataMatcher(hubs)
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
        // A listing or a pointer may have the extension of its file.
        !isMetadata(plain))
    )
  }
}

const runtimes = [
  // Packages in an exact version: the bytes of a range such as @4 or @latest change over time.
  /^https:\/\/(?:cdn\.jsdelivr\.net\/npm|unpkg\.com)\/(?:onnxruntime-web|@huggingface\/transformers|@wllama\/wllama|@(?:mediapipe|litertjs)\/[\w.-]+)@\d+\.\d+\.\d+(?:-[\w.-]+)?\/[^?]+\.(?:wasm|mjs|js)$/,
  /^https:\/\/raw\.githubusercontent\.com\/[^/?]+\/[^/?]+\/[0-9a-f]{40}\/[^?]+-webgpu\.wasm$/,
]

/**
 * Whether a URL is a script or WebAssembly module of a known model runtime on a known CDN, in one exact version, so
 * that its content never changes.
 *
 * @example isRuntime('https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/dist/ort.mjs') // true
 */
export function isRuntime(url: string): boolean {
  const plain = url.split('#', 1)[0] ?? ''
  return runtimes.some((runtime) => runtime.test(plain))
}
