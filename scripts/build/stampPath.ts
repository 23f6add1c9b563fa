/** Where the last build noted what it was made from; outside `dist/`, which is packed as it is. */
export const stampPath = '.cache/build-stamp'
