import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import type { Fetched } from '../stage/Fetched.ts'
import { sha256 } from '../stage/sha256.ts'
import { onlyLong } from '../stage/onlyLong.ts'
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

const kinds = (['a plain server', 'the hub'] as const).flatMap((origin) =>
  [false, true].map((inBoth) => ({ origin, inBoth })),
)

/** In `npm test` each request is made in one of the two, alternately. */
for (const { origin, inBoth } of kinds)
  // One stage for all cases, because starting stages would take most of the time.
  test(
    `every request to ${origin} is answered as by a plain server${inBoth ? ', through the page and through ferry.fetch' : ''}`,
    onlyLong(inBoth),
    async ({ stage }) => {
      test.setTimeout(240_000)
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
        // Requested from plain servers only.
        empty: '',
        odd: '',
        private: '',
      }
      const cases = contractCases(sha256(model))
        .filter(({ plainOnly }) => origin !== 'the hub' || !plainOnly)
        .map((each, index) => {
          const { file, address = (url: string) => url } = each
          const passes = each.passes === true || (each.passes && origin === 'a plain server')
          const there = plain.url + encodeURI(paths[file])
          const known = origin === 'the hub' ? onHub[file] : there
          // A plain server is asked again for what it did not have: nothing says how long that holds.
          const lacks = origin === 'a plain server' && (file === 'missing' || file === 'long')
          const asks = each.asks === true || lacks
          const both = ['page', 'ferry'] as const
          const by = inBoth ? both : [both[index % 2]!]
          return { ...each, asks, by, passes, there: address(there), known, ours: address(known) }
        })
      const cost = (): Pick<ContractCell, 'requests' | 'bytes'> => {
        const made = origin === 'the hub' ? traffic.all : plain.served
        return { requests: made.length, bytes: made.reduce((sum, { bytes }) => sum + bytes, 0) }
      }
      const expected = new Map<string, Fetched>()
      const ask = async (
        { title, init = {}, ours, there, passes, asks }: (typeof cases)[number],
        by: ContractCell['by'],
        state: ContractCell['state'],
      ): Promise<void> => {
        traffic.clear()
        plain.served.length = 0
        const got = await stage.fetch(ours, { init, by })
        const wanted = expected.get(title)
        if (wanted === undefined) throw new Error(`Two cases have the title ${title}.`)
        const cell = { origin, request: title, by, state, plain: wanted.status }
        const description = JSON.stringify({ ...cell, ours: got.status, ...cost() })
        test.info().annotations.push({ type: 'contract', description })
        const unreachable = passes && state === 'offline'
        const where = `${title}, ${by}, ${state}`
        const answer = unreachable ? { status: 0, failed: true } : tell(wanted, there)
        expect.soft(tell(got, ours), where).toEqual(answer)
        if (state !== 'cold' && !passes && !asks) expect.soft(cost().requests, where).toBe(0)
      }
      try {
        // The page without modelferry, with the same server or one with the same files.
        await page.goto(stage.site.url)
        await stage.context.addCookies([{ name: 'pass', value: 'yes', url: plain.url }])
        for (const { title, there, init = {} } of cases)
          expected.set(title, await stage.fetch(there, { init }))
        expect(expected.size).toBe(cases.length)
        await stage.connect({ files: [`${plain.url}/*`] })
        for (const each of cases)
          for (const by of each.by) {
            await page.evaluate(() => (window as unknown as StageWindow).ferry.clear())
            await ask(each, by, 'cold')
          }
        const held = new Set(cases.map(({ passes, known, ours }) => (passes ? known : ours)))
        const store = async (): Promise<void> => {
          for (const url of held) await stage.fetch(url)
        }
        await store()
        for (const each of cases)
          for (const by of each.by) {
            await ask(each, by, 'held')
            // Methods like PUT may make the server's file another one.
            if (each.passes) await stage.fetch(each.known)
          }
        await store()
        plain.cut = true
        await hub.close()
        await stage.context.setOffline(true)
        for (const each of cases) for (const by of each.by) await ask(each, by, 'offline')
      } finally {
        await plain.close()
      }
    },
  )
