const ALIGNMENT = 32
const F32 = 0

/** Values of GGUF's metadata, by the numbers of the format. */
type Scalar = readonly ['u32', number] | readonly ['f32', number] | readonly ['bool', boolean]
type Value =
  | Scalar
  | readonly ['string', string]
  | readonly ['strings', readonly string[]]
  | readonly ['f32s', readonly number[]]
  | readonly ['i32s', readonly number[]]

interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Writes a model file in GGUF, version 3 (format: the ggml project's description, docs/gguf.md). */
export class GgufWriter {
  readonly #values: [string, Value][] = []
  readonly #tensors: Tensor[] = []
  readonly #parts: Buffer[] = []

  set(key: string, ...value: Value): this {
    this.#values.push([key, value])
    return this
  }

  /** @param shape fastest dimension first, as the format has it */
  tensor(name: string, shape: readonly number[], values: Float32Array): this {
    this.#tensors.push({ name, shape, values })
    return this
  }

  bytes(): Uint8Array {
    this.#parts.length = 0
    this.#parts.push(Buffer.from('GGUF'))
    this.#number('u32', 3)
    this.#number('u64', this.#tensors.length)
    this.#number('u64', this.#values.length)
    for (const [key, value] of this.#values) {
      this.#string(key)
      this.#value(value)
    }
    let offset = 0
    for (const { name, shape, values } of this.#tensors) {
      this.#string(name)
      this.#number('u32', shape.length)
      for (const length of shape) this.#number('u64', length)
      this.#number('u32', F32)
      this.#number('u64', offset)
      offset += aligned(values.byteLength)
    }
    const head = Buffer.concat(this.#parts)
    const file = Buffer.alloc(aligned(head.length) + offset)
    head.copy(file)
    let at = aligned(head.length)
    for (const { values } of this.#tensors) {
      Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(file, at)
      at += aligned(values.byteLength)
    }
    return file
  }

  #value([kind, value]: Value): void {
    if (kind === 'string') {
      this.#number('u32', 8)
      this.#string(value)
    } else if (kind === 'strings') {
      this.#array(8, value.length)
      for (const each of value) this.#string(each)
    } else if (kind === 'f32s' || kind === 'i32s') {
      this.#array(kind === 'f32s' ? 6 : 5, value.length)
      for (const each of value) this.#number(kind === 'f32s' ? 'f32' : 'u32', each)
    } else {
      this.#number('u32', { u32: 4, f32: 6, bool: 7 }[kind])
      if (kind === 'bool') this.#parts.push(Buffer.from([value ? 1 : 0]))
      else this.#number(kind, value)
    }
  }

  #array(type: number, length: number): void {
    this.#number('u32', 9)
    this.#number('u32', type)
    this.#number('u64', length)
  }

  #string(text: string): void {
    const bytes = Buffer.from(text)
    this.#number('u64', bytes.length)
    this.#parts.push(bytes)
  }

  #number(kind: 'u32' | 'u64' | 'f32', value: number): void {
    const bytes = Buffer.alloc(kind === 'u64' ? 8 : 4)
    if (kind === 'f32') bytes.writeFloatLE(value)
    else if (kind === 'u32') bytes.writeUInt32LE(value)
    else bytes.writeBigUInt64LE(BigInt(value))
    this.#parts.push(bytes)
  }
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT
}
