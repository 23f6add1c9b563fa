import { Wllama } from '@wllama/wllama'
import type { ClientWish } from './ClientWish.ts'

/** What a language model says, and how much of it was fetched. */
export interface Continued {
  readonly text: string
  /** Largest total told while loading, bytes. */
  readonly total: number
}

/** A language model from the hub by its repository alone. */
export async function wllama({ repo, path, progress }: ClientWish): Promise<Continued> {
  const model = new Wllama({ default: new URL('/wllama/wllama.wasm', location.origin).href })
  let total = 0
  try {
    await model.loadModelFromHF(
      { repo, ...(path !== undefined && { file: path }) },
      {
        n_ctx: 64,
        n_threads: 1,
        ...(progress === true && {
          progressCallback: (told) => (total = Math.max(total, told.total)),
        }),
      },
    )
    const { choices } = await model.createCompletion({
      prompt: 'c',
      max_tokens: 40,
      temperature: 0,
    })
    return { text: choices[0]!.text, total }
  } finally {
    await model.exit()
  }
}
