/** How the names of model weights end, and nothing else; `.bin` says too little. */
export const weightEndings: readonly string[] = [
  '.onnx',
  '.gguf',
  '.safetensors',
  '.task',
  '.litertlm',
  '.tflite',
]
