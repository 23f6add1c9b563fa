import { isWeights } from '../core/isWeights.ts'

/** Whether an address names model weights, which are never a web page. */
export function isModelPath(url: string): boolean {
  const path = new URL(url).pathname.toLowerCase()
  return isWeights(path) || path.endsWith('.bin')
}
