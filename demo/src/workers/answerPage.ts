import type { Offer } from './Offer.ts'
import type { WorkerQuestion, WorkerReply } from './WorkerMessage.ts'

/** In a worker: answers the page's calls one after the other, because a model may have a state. */
export function answerPage<Work extends Offer<Work>>(work: Work): void {
  let turn: Promise<unknown> = Promise.resolve()
  globalThis.addEventListener('message', ({ data }: MessageEvent<WorkerQuestion>) => {
    turn = turn.then(() => replyTo(work, data)).then((reply) => globalThis.postMessage(reply))
    turn.catch(console.error)
  })
}

async function replyTo<Work extends Offer<Work>>(
  work: Work,
  { id, ask, argument }: WorkerQuestion,
): Promise<WorkerReply> {
  try {
    return { id, answer: await work[ask as keyof Work](argument as never) }
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) }
  }
}
