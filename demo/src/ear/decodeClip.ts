import { formatBytes } from '../panels/formatBytes.ts'
import type { Clip } from './Clip.ts'
import { mixDown } from './mixDown.ts'
import { sampleRate } from './sampleRate.ts'
import { windowSize } from './windowSize.ts'

/** Decoding takes memory for all of a file at once: about ten times its size. */
const LARGEST_BYTES = 30_000_000
/** Of a longer recording, the beginning. */
const LONGEST_S = 60

/**
 * A recording as the voice detector wants it: one channel, 16 kHz, a minute at most.
 *
 * @param title what to call it
 * @throws Error when it is too large, too short or no sound; the message says what to do
 */
export async function decodeClip(recording: Blob, title: string): Promise<Clip> {
  if (recording.size > LARGEST_BYTES) {
    const [size, largest] = [formatBytes(recording.size), formatBytes(LARGEST_BYTES)]
    throw new Error(`${title} has ${size}: open a recording of at most ${largest}.`)
  }
  const audio = await new OfflineAudioContext(1, 1, sampleRate)
    .decodeAudioData(await recording.arrayBuffer())
    .catch((cause: unknown) => {
      const what = 'is no sound that this browser can play: open a WAV, MP3, Ogg or FLAC file.'
      throw new Error(`${title} ${what}`, { cause })
    })
  const length = Math.min(audio.length, LONGEST_S * sampleRate)
  if (length < windowSize) throw new Error(`${title} is too short: open one of a second or more.`)
  const channels = Array.from({ length: audio.numberOfChannels }, (_, channel) =>
    audio.getChannelData(channel).subarray(0, length),
  )
  const cut = length < audio.length
  return { title: cut ? `${title}, its first minute` : title, samples: mixDown(channels) }
}
