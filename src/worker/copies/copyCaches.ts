/** Caches in which libraries keep what they loaded: transformers.js' own, and those of web-llm. */
export const copyCaches: readonly string[] = [
  'transformers-cache',
  'webllm/model',
  'webllm/config',
  'webllm/wasm',
]
