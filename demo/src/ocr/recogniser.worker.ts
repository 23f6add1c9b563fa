import { fetchWhole } from '../models/fetchWhole.ts'
import { answerPage } from '../workers/answerPage.ts'
import { readDictionary } from './readDictionary.ts'
import { Recogniser } from './Recogniser.ts'
import type { RecogniserWork } from './RecogniserWork.ts'

let recogniser: Recogniser | undefined

answerPage<RecogniserWork>({
  async load(files) {
    const [model, dictionary] = await Promise.all([
      fetchWhole(files.model),
      fetchWhole(files.dictionary),
    ])
    const characters = readDictionary(new TextDecoder().decode(dictionary.body))
    recogniser = await Recogniser.create(model.body, characters, files.runtime)
    return [model.answer, dictionary.answer]
  },

  async read(drawing) {
    if (recogniser === undefined) throw new Error('The recogniser is not loaded yet.')
    const started = performance.now()
    const lines = await recogniser.read(drawing)
    drawing.close()
    return { lines, tookMs: performance.now() - started }
  },
})
