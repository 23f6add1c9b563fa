import { expect, it } from 'vitest'
import { WorkerClient } from './WorkerClient.ts'
import type { WorkerQuestion, WorkerReply } from './WorkerMessage.ts'

interface Sums {
  double(number: number): Promise<number>
}

/** A worker with the given replies, or without a reply. */
function makeWorker(reply: (question: WorkerQuestion) => WorkerReply | undefined): Worker {
  const worker = new EventTarget()
  const postMessage = (question: WorkerQuestion): void => {
    const data = reply(question)
    if (data !== undefined) {
      queueMicrotask(() => worker.dispatchEvent(new MessageEvent('message', { data })))
    }
  }
  return Object.assign(worker, { postMessage }) as unknown as Worker
}

it('resolves each call with its own answer', async () => {
  const worker = makeWorker(({ id, argument }) => ({ id, answer: Number(argument) * 2 }))
  const client = new WorkerClient<Sums>(worker, 'adder')
  const answers = [1, 2, 3].map((number) => client.ask('double', number, 1000))
  expect(await Promise.all(answers)).toEqual([2, 4, 6])
})

it('rejects with the message of the worker', async () => {
  const worker = makeWorker(({ id }) => ({ id, failure: 'no numbers today' }))
  const client = new WorkerClient<Sums>(worker, 'adder')
  await expect(client.ask('double', 1, 1000)).rejects.toThrow('no numbers today')
})

it('ends the wait at the timeout', async () => {
  const client = new WorkerClient<Sums>(
    makeWorker(() => undefined),
    'adder',
  )
  await expect(client.ask('double', 1, 20)).rejects.toThrow('did not answer within 0.02 s')
})

it('rejects when the worker cannot start', async () => {
  const worker = makeWorker(() => undefined)
  const answer = new WorkerClient<Sums>(worker, 'adder').ask('double', 1, 1000)
  worker.dispatchEvent(new Event('error'))
  await expect(answer).rejects.toThrow("The adder's worker failed: not loaded")
})
