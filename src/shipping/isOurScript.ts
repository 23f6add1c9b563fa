/** How every file begins that the build makes for sites, in every version. */
const banner = '/*! modelferry '

/** Whether a file on a site came from this package, in whatever version, by its text. */
export function isOurScript(text: string): boolean {
  return text.startsWith(banner)
}
