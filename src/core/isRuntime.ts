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
