/** Repositories of the clients' hub, by content. */
export const clientRepos = {
  /** Silero v6 in the layout of transformers.js: 2.3 MB, and one small file. */
  voice: 'clients/voice',
  /** The same with 500 kB of external data in two files, like larger models. */
  split: 'clients/split',
  /** PP-OCRv4's detector as a model of transformers.js' image segmentation: 4.7 MB. */
  text: 'clients/text',
  /** Universal Sentence Encoder Lite for TensorFlow.js: 28 MB in seven shards. */
  sentences: 'clients/sentences',
  /** A synthetic language model: 9 MB. */
  alphabet: 'clients/alphabet',
  /** A model that looks up rows of a table, which is external data: 2 MB. */
  table: 'clients/table',
} as const
