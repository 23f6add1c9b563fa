import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import type { DecodedLine } from './decodeCtc.ts'
import { cropLine } from './cropLine.ts'
import { decodeCtc } from './decodeCtc.ts'
import { findLines } from './findLines.ts'
import { maskInk } from './maskInk.ts'
import { toPlanes } from './toPlanes.ts'

/** PP-OCRv4's recogniser on onnxruntime's plain wasm backend. Runs in a worker. */
export class Recogniser {
  readonly #session: InferenceSession
  readonly #dictionary: readonly string[]

  private constructor(session: InferenceSession, dictionary: readonly string[]) {
    this.#session = session
    this.#dictionary = dictionary
  }

  /**
   * @param model the bytes of the ONNX file
   * @param dictionary the character of each class
   * @param runtime folder of onnxruntime's two files, ending in a slash
   */
  static async create(
    model: ArrayBuffer,
    dictionary: readonly string[],
    runtime: string,
  ): Promise<Recogniser> {
    env.wasm.wasmPaths = runtime
    // More threads need cross-origin isolation, which this demo must not require.
    env.wasm.numThreads = 1
    return new Recogniser(await InferenceSession.create(model), dictionary)
  }

  /** Reads every line of writing on a drawing, top to bottom. */
  async read(drawing: ImageBitmap): Promise<DecodedLine[]> {
    const canvas = new OffscreenCanvas(drawing.width, drawing.height)
    const paper = canvas.getContext('2d', { willReadFrequently: true })
    if (paper === null) throw new Error('This browser has no canvas in workers.')
    paper.drawImage(drawing, 0, 0)
    const { data, width } = paper.getImageData(0, 0, drawing.width, drawing.height)
    const read: DecodedLine[] = []
    for (const line of findLines(maskInk(data, width))) {
      read.push(await this.#readLine(cropLine(drawing, line)))
    }
    return read.filter(({ text }) => text !== '')
  }

  async #readLine(line: ImageData): Promise<DecodedLine> {
    const [input] = this.#session.inputNames
    const [output] = this.#session.outputNames
    if (input === undefined || output === undefined) {
      throw new Error('The model has no input or no output: it is not a recogniser.')
    }
    const tensor = new Tensor('float32', toPlanes(line.data), [1, 3, line.height, line.width])
    const results = await this.#session.run({ [input]: tensor })
    const probabilities = await results[output]?.getData()
    if (!(probabilities instanceof Float32Array)) {
      throw new TypeError(`The model returned no probabilities under "${output}".`)
    }
    return decodeCtc(probabilities, this.#dictionary)
  }
}
