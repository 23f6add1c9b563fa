/** What the browser names instead of an address when Trusted Types refuse a plain text. */
export const trustedSink = 'trusted-types-sink'
