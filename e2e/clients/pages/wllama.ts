import { Wllama } from '@wllama/wllama'
import type { StageWindow } from '../../stage/StageWindow.ts'
import type { ClientTask } from './ClientTask.ts'

/** The text of a language model, and the progress of its load. */
export interface Continued {
  readonly text: string
  /** Largest reported total while loading, bytes. */
  readonly total: number
}

const options = { n_ctx: 64, n_threads: 1 }

/** A language model from the hub by its repository alone. */
export async function wllama({
  hub,
  repo,
  path,
  token,
  progress,
  advice,
}: ClientTask): Promise<Continued> {
  const model = new Wllama({ default: new URL('/wllama/wllama.wasm', location.origin).href })
  let total = 0
  try {
    if (advice === 'file handles') {
      const { ferry } = window as unknown as StageWindow
      const url = `${hub}/${repo}/resolve/main/${path}`
      await model.loadModel([await ferry.file(url)], options)
    } else if (advice === 'keep nothing')
      await loadUnkept(model, `${hub}/${repo}/resolve/main/${path}`)
    else
      await model.loadModelFromHF(
        {
          repo,
          ...(path !== undefined && { file: path }),
          ...(token !== undefined && { hfToken: token }),
        },
        {
          ...options,
          ...(progress === true && {
            progressCallback: (loading) => (total = Math.max(total, loading.total)),
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

async function loadUnkept(model: Wllama, url: string): Promise<void> {
  const response = await fetch(url)
  await model.loadModel([await response.blob()], options)
}
