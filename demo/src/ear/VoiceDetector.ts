import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { sampleRate } from './sampleRate.ts'
import { windowSize } from './windowSize.ts'

/** Samples of the previous window that the model expects before each window. */
const BEFORE = 64
/** Shape of the recurrent state. */
const STATE = [2, 1, 128] as const

/** Silero's voice detector on onnxruntime's plain wasm backend. Runs in a worker. */
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
    // More threads need cross-origin isolation, which this demo must not require.
    env.wasm.numThreads = 1
    return new VoiceDetector(await InferenceSession.create(model))
  }

  /** Resets the state for another clip. */
  forget(): void {
    this.#state = emptyState()
    this.#before = new Float32Array(BEFORE)
  }

  /**
   * Processes the next samples.
   *
   * @param samples at `sampleRate`; samples at the end that fill no window are ignored
   * @returns probability of speech, 0 to 1, one per window
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
      throw new TypeError(
        'The model returned no probability of speech: it is not a voice detector.',
      )
    }
    this.#state = stateN
    return probability
  }
}

function emptyState(): Tensor {
  return new Tensor('float32', new Float32Array(STATE[0] * STATE[1] * STATE[2]), STATE)
}
