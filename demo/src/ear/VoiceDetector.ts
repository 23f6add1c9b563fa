import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { sampleRate } from './sampleRate.ts'
import { windowSize } from './windowSize.ts'

/** The model wants the end of the window before in front of each window. */
const BEFORE = 64
/** What it remembers from window to window. */
const STATE = [2, 1, 128] as const

/** Silero's voice detector on onnxruntime's plain wasm backend. Lives in a worker. */
export class VoiceDetector {
  readonly #session: InferenceSession
  readonly #rate: Tensor = new Tensor('int64', BigInt64Array.of(BigInt(sampleRate)), [])
  #state: Tensor = emptyState()
  #before: Float32Array = new Float32Array(BEFORE)

  private constructor(session: InferenceSession) {
    this.#session = session
  }

  /**
   * @param model the bytes of the ONNX file
   * @param runtime folder of onnxruntime's two files, ending in a slash
   */
  static async create(model: ArrayBuffer, runtime: string): Promise<VoiceDetector> {
    env.wasm.wasmPaths = runtime
    // More threads need cross-origin isolation, which a page must not need for this.
    env.wasm.numThreads = 1
    return new VoiceDetector(await InferenceSession.create(model))
  }

  /** Forgets what it heard: another clip begins. */
  forget(): void {
    this.#state = emptyState()
    this.#before = new Float32Array(BEFORE)
  }

  /**
   * Listens on, from where it stopped.
   *
   * @param samples at `sampleRate`; what fills no window at the end goes unheard
   * @returns how likely it is speech, from 0 to 1, one a window
   */
  async hear(samples: Float32Array): Promise<Float32Array<ArrayBuffer>> {
    const heard = new Float32Array(Math.floor(samples.length / windowSize))
    for (const index of heard.keys()) {
      heard[index] = await this.#step(
        samples.subarray(index * windowSize, (index + 1) * windowSize),
      )
    }
    return heard
  }

  async #step(window: Float32Array): Promise<number> {
    const samples = new Float32Array(BEFORE + windowSize)
    samples.set(this.#before)
    samples.set(window, BEFORE)
    this.#before = samples.slice(-BEFORE)
    const { output, stateN } = await this.#session.run({
      input: new Tensor('float32', samples, [1, samples.length]),
      state: this.#state,
      sr: this.#rate,
    })
    const probability = output?.data[0]
    if (typeof probability !== 'number' || stateN === undefined) {
      throw new TypeError('The model gave no probability of speech: it is no voice detector.')
    }
    this.#state = stateN
    return probability
  }
}

function emptyState(): Tensor {
  return new Tensor('float32', new Float32Array(STATE[0] * STATE[1] * STATE[2]), STATE)
}
