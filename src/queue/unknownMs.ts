/** Milliseconds after which to ask again where nobody can know: nobody can tell when running work ends. */
export const unknownMs = 1000
