/** A regular expression for a text in which `*` stands for any run of characters, and nothing else is special. */
export function wildcard(pattern: string): RegExp {
  const escaped = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
  return new RegExp(`^${escaped.join('.*')}$`)
}
