import type { FileVerdict } from './FileVerdict.ts'

/** What is kept under the address with the commit, by the name that the page knows. */
export function namedAnswer(answer: FileVerdict, name: string): FileVerdict {
  if ('refusal' in answer) return { refusal: answer.refusal }
  const { info } = answer
  return { info: info.url === name ? info : { ...info, url: name, pinned: info.url } }
}
