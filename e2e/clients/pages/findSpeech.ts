import { makeClip } from './makeClip.ts'

const WINDOW = 512
/** Samples of the previous window that the model expects before each window. */
const BEFORE = 64

/** One step of Silero's voice detector: samples and state in, probability and state out. */
export type DetectStep = (
  samples: Float32Array,
  state: Float32Array,
) => Promise<{ readonly probability: number; readonly state: Float32Array }>

/** Results of a voice detector for the synthetic clip. */
export interface HeardSpeech {
  readonly windows: number
  /** Windows that count as speech. */
  readonly speech: number
  readonly highest: number
  /** Maximum in the silence at both ends, without the first windows after speech. */
  readonly highestSilence: number
}

/** Runs a voice detector on three seconds: one of silence, one of speech, one of silence. */
export async function findSpeech(step: DetectStep): Promise<HeardSpeech> {
  const clip = makeClip(1)
  const windows = Math.floor((clip.length - BEFORE) / WINDOW)
  let state: Float32Array = new Float32Array(2 * 128)
  const heard: number[] = []
  for (let at = 0; at < windows; at++) {
    const result = await step(clip.slice(at * WINDOW, (at + 1) * WINDOW + BEFORE), state)
    state = result.state
    heard.push(result.probability)
  }
  const silence = heard.filter((_, at) => at < windows / 3 - 1 || at > (windows * 5) / 6)
  return {
    windows,
    speech: heard.filter((probability) => probability > 0.5).length,
    highest: Math.max(...heard),
    highestSilence: Math.max(...silence),
  }
}
