import { isWeights } from '../../core/isWeights.ts'

const MOST_REGULAR = 1024 * 1024
const binary =
  /\.(ggml|bin|pt|pth|ckpt|h5|pb|msgpack|model|npy|npz|parquet|arrow|wasm|zip|gz|xz|zst|7z|tar|tgz|rar|mp3|mp4|wav|flac|ogg|png|jpg|jpeg|webp|gif)$/i

/**
 * Whether a file goes into git itself or is large. Decided by name and size, as a repository's
 * `.gitattributes` would.
 *
 * @param path of the file
 * @param size bytes; an empty file always goes into git
 */
export function uploadMode(path: string, size: number): 'lfs' | 'regular' {
  const large = size > MOST_REGULAR || isWeights(path.toLowerCase()) || binary.test(path)
  return size > 0 && large ? 'lfs' : 'regular'
}
