/** File with the input hash of the last build; outside `dist/`, whose whole content is published. */
export const stampPath = '.cache/build-stamp'
