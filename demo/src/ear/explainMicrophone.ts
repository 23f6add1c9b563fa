const WORDS: Record<string, string> = {
  NotAllowedError:
    'The microphone is not allowed here: allow it in the settings of this site, or open a file.',
  NotFoundError: 'There is no microphone: connect one, or open a file.',
  NotReadableError: 'Another program has the microphone: end that program, or open a file.',
}

/** Why nothing was recorded, and what to do, in words for people. */
export function explainMicrophone(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return WORDS[name] ?? `The microphone cannot be had (${message}): open a file instead.`
}
