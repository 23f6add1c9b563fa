import { formatBytes } from '../panels/formatBytes.ts'
import type { Clip } from './Clip.ts'
import { mixDown } from './mixDown.ts'
import { sampleRate } from './sampleRate.ts'
import { windowSize } from './windowSize.ts'

/** Decoding needs memory for the whole file at once: about ten times its size. */
const LARGEST_BYTES = 30_000_000
/** A longer recording is cut to this length. */
const LONGEST_S = 60

/**
 * Decodes a recording for the voice detector: one channel, 16 kHz, at most a minute.
 *
 * @param title for display
 * @throws Error when it is too large, too short or not audio; the message says what to do
 */
export async function decodeClip(recording: Blob, title: string): Promise<Clip> {
  if (recording.size > LARGEST_BYTES) {
    const [size, largest] = [formatBytes(recording.size), formatBytes(LARGEST_BYTES)]
    throw new Error(`${title} has ${size}: open a recording of at most ${largest}.`)
  }
  const audio = await new OfflineAudioContext(1, 1, sampleRate)
    .decodeAudioData(await recording.arrayBuffer())
    .catch((cause: unknown) => {
      const what =
        'is not a sound file that this browser can play: open a WAV, MP3, Ogg or FLAC file.'
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
