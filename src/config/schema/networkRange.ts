import * as v from 'valibot'

const expected =
  'expected an address, or a range of them as 10.0.0.0/8 or fd00::/8 that does not hold every address'
const part = String.raw`(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])`
const ipv4 = new RegExp(String.raw`^${part}(?:\.${part}){3}$`)

function isRange(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/([1-9]\d{0,2}))?$/.exec(text) ?? []
  if (ipv4.test(address)) return Number(bits ?? 32) <= 32
  if (!/^[0-9a-f:.]+$/i.test(address) || !URL.canParse(`http://[${address}]/`)) return false
  // IPv4 within IPv6 is IPv4: what is no longer than its prefix holds all of it.
  const isMapped = /^\[::ffff:[\da-f]+:[\da-f]+\]$/.test(new URL(`http://[${address}]/`).hostname)
  return Number(bits ?? 128) <= 128 && Number(bits ?? 128) > (isMapped ? 96 : 0)
}

/** Addresses that share their first bits. All addresses would mean that everybody's word is taken. */
export const networkRange: v.GenericSchema<string> = v.pipe(
  v.string(expected),
  v.check(isRange, expected),
)
