import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A code block in the guide: shell lines, or a file to write. */
export interface GuideStep {
  /** Undefined: for a shell. */
  readonly file: string | undefined
  readonly text: string
}

/** One way of installation in the guide. */
export interface GuideWay {
  readonly title: string
  readonly steps: readonly GuideStep[]
  /** The folder to serve. */
  readonly served: string
}

/** Reads the sections of the guide that end with a folder to serve. */
export function readGuide(): GuideWay[] {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/guide.md'), 'utf8')
  return guide
    .split(/^## /m)
    .slice(1)
    .flatMap((part) => {
      const served = /Serve the folder `([^`]+)`/.exec(part)?.[1]
      if (served === undefined) return []
      const blocks = [...part.matchAll(/^```(\w+) ?(\S*)\n([^]*?)^```$/gm)]
      const steps = blocks.map(([, language, file = '', text = '']) => ({
        file: language === 'sh' ? undefined : file,
        text,
      }))
      return [{ title: part.split('\n', 1)[0] ?? '', steps, served }]
    })
}
