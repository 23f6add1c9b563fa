const name = /\.onnx[._]data(?:_\d+)?$/i

/**
 * Whether a path names weights that an ONNX model keeps beside itself. Exporters differ: `model.onnx_data`,
 * `model.onnx_data_1` for the next ones, `model.onnx.data`.
 */
export function isExternalData(path: string): boolean {
  return name.test(path)
}
