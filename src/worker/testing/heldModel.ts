import type { HeldFile } from '../../data/index.ts'

/** A complete, verified file of nine bytes. */
export const heldModel: HeldFile = {
  urls: ['https://hub.example/me/m/resolve/main/model.onnx'],
  content: 'xet:1',
  size: 9,
  held: 9,
  complete: true,
  etag: '"a"',
  lastUsed: 0,
  verified: 'xet',
  pinned: false,
}
