import { expect } from '@playwright/test'
import { onlyLong } from './stage/onlyLong.ts'
import { stopServiceWorkers } from './stage/stopServiceWorkers.ts'
import type { PageOptions } from './stage/PageOptions.ts'
import type { Stage } from './stage/Stage.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { storedText } from './stage/storedText.ts'
import { test } from './stage/test.ts'
import { Wire } from './stage/Wire.ts'

const read = ['stage/silero']
const ann = { token: 'hf_ann', user: 'ann@app.example' }
const carl = { token: 'hf_carl', user: 'carl@app.example' }
const stranger = { token: 'hf_stranger', user: 'ben@app.example' }
const rotated = { token: 'hf_ann_rotated', user: ann.user }
const expired = { token: 'hf_ann_expired', user: ann.user }

const shell = ['/', '/*.js']
const kinds = ['named', 'unnamed'] as const

test.use({
  hubOptions: {
    gated: read,
    accessTokens: [
      ...[ann, carl, rotated].map(({ token }) => ({ token, read })),
      { token: stranger.token },
    ],
  },
})

/** One attempt is enough where no server answers. */
async function connect(stage: Stage, accounts: PageOptions['accounts']): Promise<void> {
  await stage.connect({ ...(accounts && { accounts }), shell, retry: { attempts: 1 } })
}

/** Requests by page and by connection, and expects both to be refused. */
async function expectRefused(stage: Stage, status: number): Promise<void> {
  const { vad } = stage.files
  for (const by of ['page', 'ferry'] as const)
    for (const init of [{}, { headers: { range: 'bytes=0-0' } }, { method: 'HEAD' }]) {
      const refused = await stage.fetch(vad, { by, init })
      expect(refused.status, `${by} ${JSON.stringify(init)}`).toBe(status)
      if (status === 0) expect(refused).toMatchObject({ size: 0, failure: expect.any(String) })
      else expect(refused.headers['x-error-code']).toBe('GatedRepo')
    }
}

/** Expects that page and connection get the stored file with this number of requests to the hub and no bytes. */
async function expectHeld(stage: Stage, questions: number): Promise<void> {
  const { vad } = stage.files
  stage.traffic.clear()
  for (const by of ['page', 'ferry'] as const) {
    const held = await stage.fetch(vad, { by })
    expect(held, by).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(held.headers['x-modelferry']).toBe('hit')
  }
  expect(stage.traffic.all.map(({ kind }) => kind)).toEqual(
    Array.from({ length: questions }, () => 'resolve'),
  )
}

async function bring(stage: Stage): Promise<void> {
  const { vad } = stage.files
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
}

/** Status for a worker of the page, whose page the service worker cannot tell. */
async function statusInWorker(stage: Stage): Promise<number> {
  const url = stage.url(stage.files.vad)
  return await stage.page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const source = `fetch('${wanted}', { method: 'HEAD' }).then(({ status }) => postMessage(status))`
        const worker = new Worker(URL.createObjectURL(new Blob([source])))
        worker.addEventListener('message', ({ data }: MessageEvent<number>) => {
          worker.terminate()
          resolve(data)
        })
      }),
    url,
  )
}

for (const accounts of kinds) {
  test(
    `${accounts}: sign-in makes refused files available without a reload`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      await connect(stage, accounts)
      await expectRefused(stage, 401)
      await stage.signIn(ann)
      await bring(stage)
      await expectHeld(stage, 0)
    },
  )

  test(
    `${accounts}: after a sign-out no private file is answered, and the returning user gets it for one request`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      await connect(stage, accounts)
      await stage.signIn(ann)
      await bring(stage)
      await stage.signIn({})
      // An app that names users need not sign out explicitly.
      if (accounts === 'unnamed') await stage.signOut()
      await expectRefused(stage, 401)
      await stage.signIn(ann)
      await expectHeld(stage, 1)
      await stage.signOut()
      await expectHeld(stage, 1)
    },
  )

  test(
    `${accounts}: after a sign-out no private file is answered offline or after a reload`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      await connect(stage, accounts)
      await stage.signIn(ann)
      const branch = stage.url(stage.files.vad, 'main')
      expect(await stage.fetch(branch)).toMatchObject({ sha256: stage.files.vad.sha256 })
      await stage.signIn({})
      await stage.signOut()
      await stage.leaveNetwork()
      await expectRefused(stage, 0)
      expect(await stage.fetch(branch)).toMatchObject({ status: 0, size: 0 })
      await stage.reload()
      await expectRefused(stage, 0)
      expect(await stage.fetch(branch)).toMatchObject({ status: 0, size: 0 })
      // Not even to the same user: the hub must be asked.
      await stage.signIn(ann)
      await expectRefused(stage, 0)
    },
  )

  for (const how of ['in one page', 'across a reload'] as const)
    test(
      `${accounts}: another user ${how} gets nothing without the hub's consent, and no byte twice`,
      onlyLong(accounts === 'unnamed' || how === 'across a reload'),
      async ({ stage }) => {
        await connect(stage, accounts)
        const change = async (account: typeof ann): Promise<void> => {
          await stage.signIn(account)
          if (how === 'across a reload') await stage.reload()
        }
        await change(ann)
        await bring(stage)
        await change(stranger)
        await expectRefused(stage, 403)
        await change(carl)
        await expectHeld(stage, 1)
        await stage.leaveNetwork()
        await change(stranger)
        await expectRefused(stage, 0)
      },
    )

  test(
    `${accounts}: an expired token is requested again, and is valid offline`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      await connect(stage, accounts)
      await stage.signIn({ ...expired, renewedToken: ann.token })
      await bring(stage)
      expect(await stage.events('fault')).toEqual([])
      // Names stay the same; without a name, files belong to the token they arrived with.
      if (accounts === 'unnamed') await stage.signIn(ann)
      await expectHeld(stage, 0)
      await stage.leaveNetwork()
      await expectHeld(stage, 0)
      await stage.reload()
      await expectHeld(stage, 0)
    },
  )

  test(
    `${accounts}: offline, without a grant, no file is answered`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      await connect(stage, undefined)
      const own = { headers: { authorization: `Bearer ${ann.token}` } }
      const { vad } = stage.files
      expect(await stage.fetch(vad, { init: own })).toMatchObject({ sha256: vad.sha256 })
      await connect(stage, accounts)
      await stage.signIn(ann)
      await stage.leaveNetwork()
      await expectRefused(stage, 0)
      // The page's own header has a separate grant.
      expect(await stage.fetch(vad, { init: own })).toMatchObject({ status: 200 })
    },
  )

  test(
    `${accounts}: a page that cannot get its token keeps its grants`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      await connect(stage, accounts)
      await stage.signIn(ann)
      await bring(stage)
      await stage.leaveNetwork()
      await stage.signIn({ ...ann, fails: true })
      if (accounts === 'named') await expectHeld(stage, 0)
      else await expectRefused(stage, 0)
      await stage.signIn({ user: ann.user })
      if (accounts === 'named') await expectHeld(stage, 0)
      else await expectRefused(stage, 0)
      await stage.signIn(ann)
      await expectHeld(stage, 0)
    },
  )

  test(
    `${accounts}: two tabs with two users: each gets its own files`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      const { vad } = stage.files
      await connect(stage, accounts)
      await stage.signIn(ann)
      const other = await stage.tab()
      await other.signIn(stranger)
      await bring(stage)
      for (let turn = 0; turn < 4; turn += 1) {
        const [hers, his] = await Promise.all([stage.fetch(vad), other.fetch(vad)])
        expect(hers).toMatchObject({ status: 200, sha256: vad.sha256 })
        expect(his.status).toBe(403)
        // The loaders know which page they belong to.
        if (turn === 1) await stopServiceWorkers(stage.page)
      }
      await expectHeld(stage, 0)
      await stage.leaveNetwork()
      await expectRefused(other, 0)
      await expectHeld(stage, 0)
    },
  )

  test(
    `${accounts}: a page's worker has no user while tabs of two users are open`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      await connect(stage, accounts)
      await stage.signIn(ann)
      await bring(stage)
      expect(await statusInWorker(stage)).toBe(200)
      const other = await stage.tab()
      await other.signIn(stranger)
      expect((await other.fetch(stage.files.vad)).status).toBe(403)
      expect(await statusInWorker(other)).toBe(401)
      expect(await statusInWorker(stage)).toBe(401)
      await other.page.close()
      await expect.poll(() => statusInWorker(stage)).toBe(200)
    },
  )

  test(
    `${accounts}: two apps of one origin are independent`,
    onlyLong(accounts === 'unnamed'),
    async ({ stage }) => {
      const { answers } = stage.site
      for (const folder of ['/a/', '/b/'])
        for (const name of ['', 'modelferry-worker.js'])
          answers.set(folder + name, answers.get(`/${name}`)!)
      const [a, b] = [stage.with(stage.page, 'a/'), stage.with(await stage.context.newPage(), 'b/')]
      await a.connect({ accounts, scope: '/a/', worker: '/a/modelferry-worker.js' })
      await b.connect({ accounts, scope: '/b/', worker: '/b/modelferry-worker.js' })
      await a.signIn(ann)
      await bring(a)
      for (let turn = 0; turn < 4; turn += 1) {
        expect((await b.fetch(stage.files.vad)).status).toBe(401)
        expect(await statusInWorker(b)).toBe(401)
        await expectHeld(a, 0)
      }
      expect(await statusInWorker(a)).toBe(200)
      await b.signIn(ann)
      await expectHeld(b, 1)
      await b.signOut()
      await expectHeld(a, 0)
      await a.signIn({})
      await a.signOut()
      await expectHeld(b, 1)
      await expectRefused(a, 401)
    },
  )
}

test('with a name, a replaced token costs no request, also offline', async ({ stage }) => {
  await connect(stage, 'named')
  await stage.signIn(ann)
  await bring(stage)
  await stage.signIn(rotated)
  await expectHeld(stage, 0)
  await stage.signIn(expired)
  await expectHeld(stage, 0)
  await stage.leaveNetwork()
  await expectHeld(stage, 0)
})

test('without a name it costs one request for each file, and no bytes', async ({ stage }) => {
  await connect(stage, 'unnamed')
  await stage.signIn(ann)
  await bring(stage)
  await stage.signIn(rotated)
  await expectHeld(stage, 1)
  await stage.signIn(ann)
  await expectHeld(stage, 0)
})

test('a sign-out before a reload is noticed when the page connects', async ({ stage }) => {
  await connect(stage, 'named')
  await stage.signIn(ann)
  await bring(stage)
  await stage.signIn({})
  await stage.reload()
  await stage.leaveNetwork()
  await stage.signIn(ann)
  await expectRefused(stage, 0)
})

test('a response of the hub after a sign-out is not stored', async ({ stage }) => {
  const { vad } = stage.files
  await connect(stage, 'unnamed')
  await stage.signIn(ann)
  stage.hub.hub.faults.add({ kind: 'resolve', action: { do: 'delay', ms: 1500 } })
  const wire = new Wire()
  const under = stage.fetch(vad)
  const asked = (): boolean =>
    wire.to(stage.hub.url).some(({ headers }) => headers['authorization'] !== undefined)
  await expect.poll(asked).toBe(true)
  wire.close()
  await stage.signOut()
  expect(await under).toMatchObject({ status: 200, sha256: vad.sha256 })
  await expectHeld(stage, 1)
})

test('a page that has not connected does not use the token of another tab', async ({ stage }) => {
  await connect(stage, 'unnamed')
  await stage.signIn(ann)
  await bring(stage)
  const page = await stage.context.newPage()
  const other = stage.with(page)
  await page.goto(stage.site.url)
  expect(await page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated')
  expect((await other.fetch(stage.files.vad)).status).toBe(401)
  await expectHeld(stage, 0)
})

test("a page's own Authorization header reaches the loader, and no other page can read it", async ({
  stage,
}) => {
  const { vad } = stage.files
  await connect(stage, undefined)
  const spy = await stage.context.newPage()
  await spy.goto(stage.site.url)
  await spy.evaluate(() => {
    const page = window as unknown as { heard: string[] }
    page.heard = []
    new BroadcastChannel('modelferry').addEventListener('message', ({ data }) =>
      page.heard.push(JSON.stringify(data)),
    )
  })
  const init = { headers: { authorization: `Bearer ${ann.token}` } }
  const got = await stage.fetch(vad, { init })
  expect(got).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(got.headers['x-modelferry']).toBe('stream')
  const heard = await spy.evaluate(() => (window as unknown as { heard: string[] }).heard.join(' '))
  expect(heard).toContain('"credential"')
  expect(heard).not.toContain(ann.token)
})

test('neither token nor name is stored or sent anywhere else', async ({ stage }) => {
  await connect(stage, 'named')
  await stage.signIn(ann)
  await bring(stage)
  await stage.signIn(stranger)
  await expectRefused(stage, 403)
  await stage.signIn(carl)
  await expectHeld(stage, 1)
  const events = await stage.page.evaluate(() => (window as unknown as StageWindow).events)
  await stage.signIn({})
  const stored = await stage.page.evaluate(storedText, '')
  expect(stored['databases']).toContain('session:')
  for (const [place, text] of Object.entries({ ...stored, events: JSON.stringify(events) }))
    for (const { token, user } of [ann, stranger, carl])
      for (const secret of [token, user, btoa(token).slice(0, 8), btoa(user).slice(0, 16)])
        expect(text.includes(secret), `${secret} in ${place}`).toBe(false)
})
