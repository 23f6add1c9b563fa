import '@tensorflow/tfjs-backend-cpu'
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter'
import { io, tensor1d, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { StageWindow } from '../../stage/StageWindow.ts'
import type { ClientTask } from './ClientTask.ts'
import { splitWords } from './splitWords.ts'

const sentences = ['How old are you?', 'What is your age?', 'The hub sends the file in pieces.']

/** Similarity of sentences: cosine of their vectors. */
export interface Nearness {
  readonly same: number
  readonly other: number
}

/** A sentence encoder in seven shards. */
export async function tensorflow({ hub, repo, revision, advice }: ClientTask): Promise<Nearness> {
  const folder = `${hub}/${repo}/resolve/${revision ?? 'main'}`
  const model =
    advice === 'file handles'
      ? await loadStored(folder)
      : await loadGraphModel(`${folder}/model.json`)
  const vocabulary = (await (await fetch(`${folder}/vocab.json`)).json()) as [string, number][]
  const split = sentences.map((sentence) => splitWords(sentence, vocabulary))
  const places = split.flatMap((words, row) =>
    words.map((_, column): [number, number] => [row, column]),
  )
  const vectors = (await model.executeAsync({
    indices: tensor2d(places, undefined, 'int32'),
    values: tensor1d(split.flat(), 'int32'),
  })) as Tensor
  const [age, years, pieces] = (await vectors.array()) as number[][]
  model.dispose()
  return { same: dot(age!, years!), other: dot(age!, pieces!) }
}

/** The model from files on the device. */
async function loadStored(folder: string): Promise<GraphModel> {
  const { ferry } = window as unknown as StageWindow
  const { weightsManifest } = (await (await fetch(`${folder}/model.json`)).json()) as {
    weightsManifest: readonly { paths: readonly string[] }[]
  }
  const shards = weightsManifest.flatMap(({ paths }) => paths)
  const paths = ['model.json', ...shards]
  const files = await Promise.all(paths.map((path) => ferry.file(`${folder}/${path}`)))
  const model = await loadGraphModel(io.browserFiles(files))
  return model
}

function dot(one: readonly number[], two: readonly number[]): number {
  return one.reduce((sum, value, at) => sum + value * two[at]!, 0)
}
