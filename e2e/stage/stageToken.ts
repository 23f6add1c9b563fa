/** An access token that the embedded hub takes unless it is told otherwise. */
export const stageToken = 'hf_stage'
