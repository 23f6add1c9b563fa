const WORDS: Record<string, string> = {
  NotAllowedError:
    'The microphone is not allowed here: allow it in the settings of this site, or open a file.',
  NotFoundError: 'There is no microphone: connect one, or open a file.',
  NotReadableError: 'Another program uses the microphone: end that program, or open a file.',
}

/** A message for the user: why nothing was recorded, and what to do. */
export function explainMicrophone(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return WORDS[name] ?? `The microphone is not available (${message}): open a file instead.`
}
