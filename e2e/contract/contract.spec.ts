import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { startPlainServer } from '../stage/startPlainServer.ts'
import { test } from '../stage/test.ts'
import type { ContractCase } from './stage/ContractCase.ts'
import type { ContractCell } from './stage/ContractCell.ts'
import { contractCases } from './stage/contractCases.ts'
import { tell } from './stage/tell.ts'

const model = await fileBytes.vad()
const paths: Readonly<Record<ContractCase['file'], string>> = {
  model: '/model.onnx',
  small: '/config.json',
  empty: '/empty.json',
  missing: '/missing.json',
  long: `/${'a'.repeat(4096)}.onnx`,
  odd: '/ünd 100% [1]+.onnx',
  private: '/private/model.onnx',
}

for (const origin of ['a plain server', 'the hub'] as const)
  for (const each of contractCases(sha256(model))) {
    const { title, file, init = {}, address = (url: string) => url, passes = false } = each
    if (origin === 'the hub' && each.plainOnly) continue
    test(`${origin}: ${title}`, async ({ stage }) => {
      const { hub, page, files, traffic } = stage
      const { vad, config } = files
      const plain = await startPlainServer(
        new Map([
          [paths.model, model],
          [paths.small, await fileBytes.config()],
          [paths.empty, new Uint8Array()],
          [paths.odd, model],
          [paths.private, model],
        ]),
      )
      const onHub = {
        model: stage.url(vad),
        small: stage.url(config),
        missing: stage.url({ ...vad, path: 'missing.json' }),
        long: stage.url({ ...vad, path: paths.long.slice(1) }),
        // Asked of plain servers only.
        empty: '',
        odd: '',
        private: '',
      }
      const there = address(plain.url + encodeURI(paths[file]))
      const known = origin === 'the hub' ? onHub[file] : plain.url + encodeURI(paths[file])
      const ours = address(known)
      const cost = (): Pick<ContractCell, 'requests' | 'bytes'> => {
        const made = origin === 'the hub' ? traffic.all : plain.served
        return { requests: made.length, bytes: made.reduce((sum, { bytes }) => sum + bytes, 0) }
      }
      try {
        // The page as it is without us, to the same server or to one with the same files.
        await page.goto(stage.site.url)
        await stage.context.addCookies([{ name: 'pass', value: 'yes', url: plain.url }])
        const expected = await stage.fetch(there, { init })
        await stage.board({ files: [`${plain.url}/*`] })
        const ask = async (by: ContractCell['by'], state: ContractCell['state']): Promise<void> => {
          traffic.clear()
          plain.served.length = 0
          const got = await stage.fetch(ours, { init, by })
          const cell = { origin, request: title, by, state, plain: expected.status }
          const description = JSON.stringify({ ...cell, ours: got.status, ...cost() })
          test.info().annotations.push({ type: 'contract', description })
          const gone = passes && state === 'offline'
          expect(tell(got, ours), `${by}, ${state}`).toEqual(
            gone ? { status: 0, failed: true } : tell(expected, there),
          )
          if (state !== 'cold' && !passes) expect(cost().requests, `${by}, ${state}`).toBe(0)
        }
        for (const by of ['page', 'ferry'] as const) {
          await page.evaluate(() => (window as unknown as StageWindow).ferry.clear())
          await ask(by, 'cold')
          await stage.fetch(passes ? known : ours)
          await ask(by, 'held')
        }
        plain.cut = true
        await hub.close()
        await stage.context.setOffline(true)
        for (const by of ['page', 'ferry'] as const) await ask(by, 'offline')
      } finally {
        await plain.close()
      }
    })
  }
