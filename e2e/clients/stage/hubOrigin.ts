/** Where libraries look for models when nobody tells them otherwise. */
export const hubOrigin = 'https://huggingface.co'
