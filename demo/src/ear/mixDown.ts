/** Several channels of equal length as one: their mean. */
export function mixDown(channels: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const mixed = new Float32Array(channels[0]?.length ?? 0)
  for (const channel of channels) {
    for (const [index, sample] of channel.entries()) {
      mixed[index] = (mixed[index] ?? 0) + sample / channels.length
    }
  }
  return mixed
}
