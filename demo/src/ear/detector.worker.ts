import { fetchWhole } from '../models/fetchWhole.ts'
import { answerPage } from '../workers/answerPage.ts'
import type { DetectorWork } from './DetectorWork.ts'
import { VoiceDetector } from './VoiceDetector.ts'

let detector: VoiceDetector | undefined

answerPage<DetectorWork>({
  async load({ model, runtime }) {
    const { body, answer } = await fetchWhole(model)
    detector = await VoiceDetector.create(body, runtime)
    return answer
  },

  async hear({ samples, first }) {
    if (detector === undefined) throw new Error('The voice detector is not loaded yet.')
    if (first) detector.forget()
    return await detector.hear(samples)
  },
})
