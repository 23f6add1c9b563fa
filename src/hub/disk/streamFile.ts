import { type FileHandle, open } from 'node:fs/promises'
import type { ByteRange } from '../../core/ByteRange.ts'

const PART = 256 * 1024

/**
 * Bytes of a file as a stream that reads only when it is asked to.
 *
 * @param path of the file
 * @param range bytes to deliver
 * @returns a stream that errors, rather than ends, when the file is shorter than `range`
 */
export function streamFile(path: string, range: ByteRange): ReadableStream<Uint8Array> {
  let at = range.start
  let file: FileHandle | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          file ??= await open(path, 'r')
          const wanted = Math.min(PART, range.end - at)
          const { bytesRead, buffer } = await file.read(new Uint8Array(wanted), 0, wanted, at)
          if (bytesRead === 0 && wanted > 0)
            throw new Error('A stored file is shorter than its index says.')
          at += bytesRead
          if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead))
          if (at >= range.end) {
            controller.close()
            await file.close()
          }
        } catch (error) {
          await file?.close()
          throw error
        }
      },
      cancel: () => file?.close(),
    },
    { highWaterMark: 0 },
  )
}
