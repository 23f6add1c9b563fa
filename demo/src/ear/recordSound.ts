const LONGEST_MS = 30_000

/**
 * Records with the microphone until told to stop, half a minute at most.
 *
 * @param stop aborted to end the recording
 * @param onStart called when the microphone is heard
 * @throws DOMException when the microphone cannot be had; `explainMicrophone` says why
 */
export async function recordSound(stop: AbortSignal, onStart: () => void): Promise<Blob> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const ended = AbortSignal.any([stop, AbortSignal.timeout(LONGEST_MS)])
  try {
    return await new Promise<Blob>((resolve, reject) => {
      const recorder = new MediaRecorder(stream)
      const pieces: Blob[] = []
      recorder.addEventListener('dataavailable', ({ data }) => pieces.push(data))
      recorder.addEventListener('stop', () =>
        resolve(new Blob(pieces, { type: recorder.mimeType })),
      )
      recorder.addEventListener('error', () => reject(new Error('The recording broke off.')))
      ended.addEventListener('abort', () => recorder.state === 'inactive' || recorder.stop())
      recorder.start()
      onStart()
    })
  } finally {
    for (const track of stream.getTracks()) track.stop()
  }
}
