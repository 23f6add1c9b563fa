const LONGEST_MS = 30_000

/**
 * Records with the microphone until it is stopped, at most half a minute.
 *
 * @param stop aborted to end the recording
 * @param onStart called when the recording starts
 * @throws DOMException when the microphone is not available; `explainMicrophone` says why
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
      recorder.addEventListener('error', () => reject(new Error('The recording failed.')))
      ended.addEventListener('abort', () => recorder.state === 'inactive' || recorder.stop())
      recorder.start()
      onStart()
    })
  } finally {
    for (const track of stream.getTracks()) track.stop()
  }
}
