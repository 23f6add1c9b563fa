import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import type { RequestOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadFile } from '@huggingface/hub'
import { loadConfig } from '../../src/config/load.ts'
import { gatewayFromConfig } from '../../src/gateway/index.ts'
import { createHub } from '../../src/hub/create-hub.ts'
import { listen } from '../../src/hub/http-server.ts'
import { hashOf } from './hashOf.ts'

const host = '127.0.0.1'
const token = 'hf_benchbenchbenchbenchbenchbench'
const repo = 'bench/model'
const origin = 'https://app.example'

/** One hub, reachable directly and through a gateway. */
export interface Pair {
  /**
   * Requests the file info of a file, over a persistent connection.
   *
   * @returns milliseconds to the last byte of the response
   * @throws Error for an unexpected response
   */
  ask(to: 'bare' | 'gated', who: 'anonymous' | 'recognised' | 'token'): Promise<number>
  close(): Promise<void>
}

/** Starts both with one file. The gateway is made from a configuration; its log is discarded. */
export async function startPair(): Promise<Pair> {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-bench-'))
  const hub = await createHub({ open: true, folder })
  const tokens = [{ sha256: hashOf(token), sub: 'u1', tier: 'nectar' }]
  const gateway = gatewayFromConfig(
    loadConfig({ process: {}, local: { auth: { tokens, allowedHosts: ['app.example'] } } }),
    {
      hub: {
        handle: (asked, { carry }) => hub.fetch(asked, { rights: null, carry }),
        carried: (asked) => hub.carried(asked),
        cost: () => 0,
      },
      write: () => undefined,
    },
  )
  const at = { port: 0, host, idleMs: 60_000 }
  const servers = {
    bare: await listen((asked) => hub.fetch(asked), at),
    gated: await listen((asked, from) => gateway.fetch(asked, from), at),
  }
  await uploadFile({
    repo,
    hubUrl: `http://${host}:${servers.bare.port}`,
    accessToken: token,
    useXet: true,
    file: {
      path: 'model.onnx',
      content: new Blob([crypto.getRandomValues(new Uint8Array(60_000))]),
    },
  })
  const agent = new Agent({ keepAlive: true })
  const credentials = {
    anonymous: {},
    recognised: { origin },
    token: { authorization: `Bearer ${token}` },
  }
  return {
    ask(to, who) {
      const headers = { accept: 'application/vnd.xet-fileinfo+json', ...credentials[who] }
      const path = `/${repo}/resolve/main/model.onnx`
      return timed({ host, port: servers[to].port, path, headers, agent })
    },
    async close() {
      agent.destroy()
      gateway.close()
      hub.close()
      await Promise.all(Object.values(servers).map((server) => server.close()))
      await rm(folder, { recursive: true })
    },
  }
}

function timed(options: RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const call = request(options, (answer) => {
      const type = answer.headers['content-type']
      if (answer.statusCode !== 200 || type !== 'application/vnd.xet-fileinfo+json')
        reject(new Error(`The answer is ${answer.statusCode} ${type}, instead of file info.`))
      answer.resume()
      answer.once('end', () => resolve(performance.now() - start))
    })
    call.once('error', reject)
    call.end()
  })
}
