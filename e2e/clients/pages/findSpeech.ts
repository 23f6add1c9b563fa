import { makeClip } from './makeClip.ts'

const WINDOW = 512
/** The model wants the end of the window before in front of each. */
const BEFORE = 64

/** One step of Silero's voice detector: samples and state in, probability and state out. */
export type DetectStep = (
  samples: Float32Array,
  state: Float32Array,
) => Promise<{ readonly probability: number; readonly state: Float32Array }>

/** What a voice detector hears in the made-up clip. */
export interface HeardSpeech {
  readonly windows: number
  /** Windows that are rather speech than not. */
  readonly speech: number
  readonly highest: number
  /** In the silence at both ends, the first windows left out in which the speech rings on. */
  readonly highestSilence: number
}

/** Lets a voice detector listen to three seconds: one of silence, one of speech, one of silence. */
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
