/** Repositories of the clients' hub, by what they hold. */
export const clientRepos = {
  /** Silero v6 as transformers.js wants a model: 2.3 MB, and a plain file beside it. */
  voice: 'clients/voice',
  /** The same with 500 kB of data beside it, in two files, as larger models have it. */
  split: 'clients/split',
  /** PP-OCRv4's detector as a model of transformers.js' image segmentation: 4.7 MB. */
  text: 'clients/text',
  /** Universal Sentence Encoder Lite for TensorFlow.js: 28 MB in seven shards. */
  sentences: 'clients/sentences',
  /** A self-made language model: 9 MB. */
  alphabet: 'clients/alphabet',
} as const
