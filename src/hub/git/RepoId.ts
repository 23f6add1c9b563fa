/** A repository: its kind and its name, `owner/name` or `name`. */
export interface RepoId {
  readonly type: 'model' | 'dataset' | 'space'
  readonly name: string
}
