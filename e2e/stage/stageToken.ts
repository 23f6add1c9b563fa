/** An access token that the embedded hub accepts by default. */
export const stageToken = 'hf_stage'
