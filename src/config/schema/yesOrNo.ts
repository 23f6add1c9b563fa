import * as v from 'valibot'

/** A switch. */
export const yesOrNo: v.GenericSchema<boolean> = v.boolean('expected true or false')
