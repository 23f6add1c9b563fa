import { fetchWhole } from './fetchWhole.ts'
import { readDictionary } from './readDictionary.ts'
import { Recogniser } from './Recogniser.ts'
import type { WorkerQuestion, WorkerReply } from './WorkerMessage.ts'

let recogniser: Recogniser | undefined

async function answer(question: WorkerQuestion): Promise<WorkerReply> {
  const { id } = question
  if (question.ask === 'load') {
    const [model, dictionary] = await Promise.all([
      fetchWhole(question.model),
      fetchWhole(question.dictionary),
    ])
    const characters = readDictionary(new TextDecoder().decode(dictionary.body))
    recogniser = await Recogniser.create(model.body, characters, question.runtime)
    return { id, reply: 'loaded', answers: [model.answer, dictionary.answer] }
  }
  if (recogniser === undefined) throw new Error('The recogniser is not loaded yet.')
  const started = performance.now()
  const lines = await recogniser.read(question.drawing)
  question.drawing.close()
  return { id, reply: 'read', lines, tookMs: performance.now() - started }
}

globalThis.addEventListener('message', (event: MessageEvent<WorkerQuestion>) => {
  const { id } = event.data
  answer(event.data)
    .catch((error: unknown): WorkerReply => {
      return {
        id,
        reply: 'failed',
        message: error instanceof Error ? error.message : String(error),
      }
    })
    .then((reply) => globalThis.postMessage(reply))
    .catch(console.error)
})
