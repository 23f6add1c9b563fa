/**
 * What git holds in place of a large file.
 *
 * @param sha256 ordinary hex
 * @param size bytes of the large file
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
export function pointerText(sha256: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`
}
