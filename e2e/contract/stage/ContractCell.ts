/** The answer to one request, in one state of the device. */
export interface ContractCell {
  readonly origin: string
  readonly request: string
  readonly by: 'page' | 'ferry'
  readonly state: 'cold' | 'held' | 'offline'
  /** Status of the plain server's answer, and of modelferry's; 0: none. */
  readonly plain: number
  readonly ours: number
  readonly requests: number
  readonly bytes: number
}
