import { hashFiles } from './hashFiles.ts'
import { isProduct } from './isProduct.ts'

const inputs = [
  'src',
  'sw',
  'scripts/build',
  'package.json',
  'package-lock.json',
  'vite.config.ts',
  'tsconfig.json',
  'tsconfig.build.json',
]

/**
 * Hash of all inputs of a build.
 *
 * @param root the project's root
 */
export function stampOf(root: string): string {
  return hashFiles(root, inputs, isProduct)
}
