/** Columns of the table, 4 bytes each. */
export const tableWidth = 256

/** The values of a row of the table, which counts through all its cells. */
export function tableRow(row: number): number[] {
  return Array.from({ length: tableWidth }, (_, at) => row * tableWidth + at)
}

const [float, int64, externalLocation] = [1, 7, 1]

/**
 * A model whose only weights are a table in a file of its own: its output is the row whose number is its input. Format:
 * onnx.proto3 of the ONNX project, opset 13.
 *
 * @param rows of the table; its file has 1,024 bytes for each
 * @param path of that file, beside the model
 */
export function makeOnnx(rows: number, path: string): Uint8Array {
  const table = message(
    [1, rows],
    [1, tableWidth],
    [2, float],
    [8, 'table'],
    [13, message([1, 'location'], [2, path])],
    [13, message([1, 'length'], [2, `${rows * tableWidth * 4}`])],
    [14, externalLocation],
  )
  const gather = message([1, 'table'], [1, 'row'], [2, 'values'], [4, 'Gather'])
  const graph = message(
    [1, gather],
    [2, 'lookup'],
    [5, table],
    [11, tensor('row', int64, [1])],
    [12, tensor('values', float, [1, tableWidth])],
  )
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 13])])
}

function tensor(name: string, type: number, shape: readonly number[]): Buffer {
  const sizes = message(...shape.map((size): Field => [1, message([1, size])]))
  return message([1, name], [2, message([1, message([1, type], [2, sizes])])])
}

/** Number and value of a field of Protocol Buffers. */
type Field = readonly [number: number, value: number | string | Buffer]

function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
      const bytes = Buffer.from(value)
      return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
    }),
  )
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}
