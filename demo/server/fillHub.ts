import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { uploadFiles } from '@huggingface/hub'
import type { DemoFile } from '../src/Manifest.ts'
import type { DemoModel } from './demoModels.ts'

/** By default the embedded hub accepts any token of this form. */
const TOKEN = 'hf_demo'
const TIMEOUT_MS = 30_000

interface Stored {
  commit: string
  etag: string
}

/**
 * Uploads the missing models with the hub's own client, and returns their URLs.
 *
 * @param hubUrl origin of the hub
 * @throws Error when a file is missing after its upload
 */
export async function fillHub(hubUrl: string, models: readonly DemoModel[]): Promise<DemoFile[]> {
  for (const repo of new Set(models.map((model) => model.repo))) {
    const missing: DemoModel[] = []
    for (const model of models.filter((candidate) => candidate.repo === repo)) {
      if (!(await isThere(hubUrl, model))) missing.push(model)
    }
    if (missing.length === 0) continue
    await uploadFiles({
      repo,
      hubUrl,
      accessToken: TOKEN,
      useXet: true,
      commitTitle: `Add ${missing.map(({ name }) => name).join(', ')}`,
      files: missing.map(({ name, file }) => ({ path: name, content: pathToFileURL(file) })),
    })
  }
  return await Promise.all(models.map((model) => describe(hubUrl, model)))
}

async function isThere(hubUrl: string, model: DemoModel): Promise<boolean> {
  const stored = await lookUp(hubUrl, model)
  if (stored === undefined) return false
  const bytes = await readFile(model.file)
  const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes)
  const whole = createHash('sha256').update(bytes)
  return [whole.digest('hex'), blob.digest('hex')].includes(stored.etag)
}

async function describe(hubUrl: string, model: DemoModel): Promise<DemoFile> {
  const { repo, name, role, title, file } = model
  const stored = await lookUp(hubUrl, model)
  if (stored === undefined) throw new Error(`${repo}/${name} is not on the hub after its upload.`)
  const { length: size } = await readFile(file)
  return { name, url: `${hubUrl}/${repo}/resolve/${stored.commit}/${name}`, size, role, title }
}

/** The id of a file on the hub's main branch: SHA-256 of a large file, git's hash of a small one. */
async function lookUp(hubUrl: string, { repo, name }: DemoModel): Promise<Stored | undefined> {
  const response = await fetch(`${hubUrl}/${repo}/resolve/main/${name}`, {
    method: 'HEAD',
    redirect: 'manual',
    headers: { authorization: `Bearer ${TOKEN}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const commit = response.headers.get('x-repo-commit')
  const etag = response.headers.get('x-linked-etag') ?? response.headers.get('etag')
  if (response.status >= 400 || commit === null || etag === null) return undefined
  return { commit, etag: etag.replace(/^W\//, '').replaceAll('"', '') }
}
