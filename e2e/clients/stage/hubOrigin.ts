/** The default hub of libraries. */
export const hubOrigin = 'https://huggingface.co'
