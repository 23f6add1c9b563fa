import { expect } from '@playwright/test'
import type { Request } from '@playwright/test'
import { sha256 } from './stage/sha256.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { startSite } from './stage/startSite.ts'
import { storedText } from './stage/storedText.ts'
import { test } from './stage/test.ts'
import { Wire } from './stage/Wire.ts'

const token = 'hf_SeeMeNowhere0123456789'
const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*, authorization',
  'access-control-expose-headers': '*',
}

test.use({
  hubOptions: {
    gated: ['stage/ocr', 'stage/silero'],
    accessTokens: [{ token, read: ['stage/ocr', 'stage/silero'] }],
    withoutXet: ['stage/silero'],
    descriptorBytes: 2_000_000,
  },
})

test('a token is sent to its own origin only', async ({ stage }) => {
  const { rec, vad, config } = stage.files
  const wire = new Wire()
  const cdn = await startSite()
  const said: string[] = []
  const sent: Request[] = []
  stage.context.on('console', (message) => said.push(message.text()))
  stage.context.on('weberror', (error) => said.push(String(error.error())))
  stage.context.on('request', (request) => sent.push(request))
  try {
    const body = 'a model on another host'
    const headers = { ...cors, 'content-type': 'application/octet-stream', etag: '"1"' }
    cdn.answers.set('/model.bin', { headers, body })
    cdn.answers.set('/other.json', { headers, body: '{}' })
    const own = stage.site.url.slice(0, -1)
    stage.site.answers.set('/hop', {
      status: 302,
      headers: { location: `${cdn.url}other.json` },
      body: '',
    })
    await stage.connect({
      token,
      tokenOrigins: [stage.hub.url, own],
      files: [`${cdn.url}*.bin`],
      shell: ['/', '/*.js'],
      retry: { delayMs: 10 },
    })
    // Errors are logged meanwhile, too.
    stage.hub.hub.faults.add({ kind: 'xorb', nth: 2, action: { do: 'status', status: 403 } })
    stage.hub.hub.faults.add({ kind: 'xorb', nth: 3, action: { do: 'cut', after: 5000 } })
    expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(await stage.fetch(config)).toMatchObject({ status: 200, sha256: config.sha256 })
    expect(await stage.fetch(`${cdn.url}model.bin`)).toMatchObject({
      status: 200,
      sha256: sha256(Buffer.from(body)),
    })
    expect(await stage.fetch(`${own}/hop`, { by: 'ferry' })).toMatchObject({ text: '{}' })
    for (const url of [`${cdn.url}other.json`, `${stage.site.url}?x`, `${stage.hub.url}/api/x`])
      await stage.fetch(url, { by: 'ferry' })
    await stage.fetch(vad, { by: 'ferry', init: { headers: { range: 'bytes=0-0' } } })
    await stage.hub.hub.expireUrls()
    stage.hub.hub.faults.add({ kind: 'resolve', times: null, action: { do: 'drop-cors' } })
    const failed = await stage.fetch(stage.url(rec, 'main'), { by: 'ferry' })
    expect(failed.failure).toBeDefined()
    const loads = await stage.page.evaluate(
      async (url) => {
        const page = window as unknown as StageWindow
        return await page.ferry.prefetch([url]).then(String, (reason: unknown) => {
          const { name, message, stack } = reason as Error
          return JSON.stringify([name, message, stack, reason])
        })
      },
      stage.url(rec, 'refs%2Fpr%2F1'),
    )
    const events = JSON.stringify(await stage.page.evaluate(() => (window as never)['events']))
    const stored = await stage.page.evaluate(storedText, '')

    const withToken = wire.requests.filter((request) => JSON.stringify(request).includes(token))
    expect(new Set(withToken.map(({ origin }) => origin))).toEqual(new Set([stage.hub.url, own]))
    expect(withToken.every(({ path }) => !path.includes(token))).toBe(true)
    expect(wire.to(stage.hub.storageUrl).length).toBeGreaterThan(5)
    for (const { headers: seen } of wire.to(stage.hub.storageUrl)) {
      expect(seen['authorization']).toBeUndefined()
      expect(seen['cookie']).toBeUndefined()
    }
    expect(wire.to(cdn.url.slice(0, -1)).map(({ path }) => path)).toContain('/model.bin')
    const seen = new Set(sent.map((request) => new URL(request.url()).origin))
    expect(seen, 'workers included').toContain(stage.hub.storageUrl)
    for (const request of sent) {
      if ([stage.hub.url, own].includes(new URL(request.url()).origin)) continue
      const all = JSON.stringify([request.url(), await request.allHeaders(), request.postData()])
      expect(all).not.toContain(token)
    }

    // Neither do the short-lived tokens that the hub issued for it, nor signatures in readable text.
    const given = wire
      .to(stage.hub.url)
      .flatMap(
        ({ headers: seen }) => /^Bearer (.+)$/.exec(String(seen['authorization']))?.[1] ?? [],
      )
    const tokens = new Set(given)
    expect(tokens.size, 'the token itself and at least one for the CAS').toBeGreaterThan(1)
    const signatures = wire
      .to(stage.hub.storageUrl)
      .flatMap(({ path }) => [...new URL(path, cdn.url).searchParams.values()])
      .filter((value) => value.length > 30)
    expect(signatures.length).toBeGreaterThan(0)
    for (const [place, text] of Object.entries({
      ...stored,
      events,
      loads,
      said: said.join('\n'),
    })) {
      for (const secret of [...tokens, btoa(token).slice(0, 30)])
        expect(text.includes(secret), `a token in ${place}`).toBe(false)
      if (['events', 'loads', 'said'].includes(place))
        for (const value of signatures)
          expect(text.includes(value), `a signature in ${place}`).toBe(false)
    }
    expect(stored['databases']).toContain(rec.commit)
    expect(stored['files']?.length).toBeGreaterThan(rec.size)
    expect(stored['caches']).toContain('modelferry')
  } finally {
    wire.close()
    await cdn.close()
  }
})

test('a front end identifies itself only to configured origins', async ({ stage }) => {
  const { rec } = stage.files
  const wire = new Wire()
  const gateway = await startSite()
  const stranger = await startSite()
  try {
    for (const { answers } of [gateway, stranger])
      answers.set('/status', { headers: cors, body: 'well' })
    const own = gateway.url.slice(0, -1)
    const location = `${stranger.url}status`
    gateway.answers.set('/hop', { status: 302, headers: { ...cors, location }, body: '' })
    await stage.connect({
      token,
      tokenOrigins: [stage.hub.url],
      frontend: { app: 'stage-app', origins: [own] },
    })
    expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
    for (const { url } of [gateway, stranger])
      expect(await stage.fetch(`${url}status`, { by: 'ferry' })).toMatchObject({ text: 'well' })
    // The label does not follow a redirect.
    expect(await stage.fetch(`${own}/hop`, { by: 'ferry' })).toMatchObject({ text: 'well' })

    const shown = wire.requests.filter(({ headers }) => headers['x-app-id'] !== undefined)
    expect(shown.map(({ origin, path }) => origin + path)).toEqual([`${own}/status`, `${own}/hop`])
    expect(shown[0]?.headers).toMatchObject({ 'x-app-id': 'stage-app', referer: stage.site.url })
    for (const origin of [stage.hub.url, stage.hub.storageUrl, stranger.url.slice(0, -1)])
      for (const { headers, path } of wire.to(origin))
        expect(headers['referer'], path).toBe(undefined)
  } finally {
    wire.close()
    await Promise.all([gateway.close(), stranger.close()])
  }
})
