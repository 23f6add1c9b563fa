import { rmSync } from 'node:fs'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadFile } from '@huggingface/hub'
import { onTestFinished } from 'vitest'
import { createHasher } from '../../codec/hasher.ts'
import { type Clock, systemClock } from '../../core/async.ts'
import { startHub } from '../http-server.ts'
import { readModel } from './readModel.ts'
import { startTestHub } from './startTestHub.ts'
import type { TestHub } from './TestHub.ts'
import { defaultRetry, type Fetch } from '../../net/attempt.ts'
import { netOf } from '../../net/testing/netOf.ts'
import { AnsweringChannel } from '../../protocol/channel.ts'
import type { FerryEvent } from '../../data/index.ts'
import { memoryRecordStore } from '../../reconstruction/record-store.ts'
import { Reconstructions } from '../../reconstruction/reconstructions.ts'
import { OpenResponses, principalOf } from '../../transfer/file-source.ts'
import { Engine } from '../../transfer/engine.ts'
import { MemoryStore } from '../../transfer/testing/MemoryStore.ts'

const hasher = await createHasher()

/** A hub's folder with one model, filled once per process: the upload takes most of the time of a short test. */
let filled: Promise<{ folder: string; bytes: Uint8Array }> | undefined

/** A hub with one model, and a device that downloads it. */
export interface Origin {
  readonly hub: TestHub
  readonly url: string
  readonly bytes: Uint8Array
  readonly store: MemoryStore
  readonly events: FerryEvent[]
  /** Those of each engine. */
  readonly realms: Reconstructions[]
  /** An engine in a realm of its own, on the device that all of them share. */
  /** With a token, and its replacement after a refusal. */
  readonly engine: (token?: string, renewed?: string, xet?: boolean) => Engine
}

/**
 * @param clock for all waits
 * @param ask makes the requests of the device
 */
export async function startOrigin(
  clock: Clock = systemClock,
  ask: Fetch = (url, init) => fetch(url, init),
): Promise<Origin> {
  const { folder: template, bytes } = await (filled ??= fillFolder())
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-origin-'))
  await cp(template, folder, { recursive: true })
  const hub = await startTestHub({ descriptorBytes: 200_000, folder })
  const store = new MemoryStore(hasher)
  const name = `engine-${Math.random()}`
  const ear = new AnsweringChannel(name)
  const events: FerryEvent[] = []
  ear.listen((envelope) => envelope.kind === 'event' && events.push(envelope.event))
  onTestFinished(() => ear.close())
  const all: Reconstructions[] = []
  const net = netOf({
    clock,
    fetch: ask,
    retry: { ...defaultRetry, attempts: 2 },
  })
  return {
    hub,
    url: `${hub.url}/me/vad/resolve/main/model.onnx`,
    bytes,
    store,
    events,
    realms: all,
    engine: (token, renewed = token, xet = true) => {
      const channel = new AnsweringChannel(name)
      const reconstructions = new Reconstructions({ net, store: memoryRecordStore() })
      all.push(reconstructions)
      const engine = new Engine({
        net,
        xet,
        bareFetch: net.fetch,
        hasher,
        channel,
        store: store.asStore,
        reconstructions,
        connections: 3,
        online: async () => undefined,
        openResponses: new OpenResponses(clock),
        authorize: async () => bearer(token),
        principal: async () => ({
          ...(await principalOf(bearer(token))),
          renewed: async () => (renewed === token ? undefined : await principalOf(bearer(renewed))),
        }),
      })
      onTestFinished(() => {
        engine.close()
        channel.close()
      })
      return engine
    },
  }
}

/** Requests to hub and storage, by kind. */
export function kinds({ hub }: Origin): string[] {
  return hub.hub.log.entries.map(({ kind }) => kind)
}

async function fillFolder(): Promise<{ folder: string; bytes: Uint8Array }> {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-template-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const bytes = await readModel('silero_vad_half.onnx')
  const hub = await startHub({ open: true, folder })
  try {
    const file = { path: 'model.onnx', content: new Blob([bytes]) }
    await uploadFile({ repo: 'me/vad', hubUrl: hub.url, accessToken: 'hf_tester', file })
  } finally {
    await hub.close()
  }
  return { folder, bytes }
}

function bearer(token: string | undefined): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`
}
