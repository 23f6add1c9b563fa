const model = /\.(?:onnx|gguf|safetensors|bin|task|tflite|litertlm|onnx_data)$/i

/** Whether an address names model weights, which are never a web page. */
export function isModelPath(url: string): boolean {
  return model.test(new URL(url).pathname)
}
