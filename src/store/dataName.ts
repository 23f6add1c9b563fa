/** The one OPFS file in which the bytes of a model file lie, each at its own offset, when it is written in place. */
export const dataName = 'data'
