/** What becomes of a request: answered with a model file, a file of the app, a sign of life, or left alone. */
export type Decision = 'file' | 'shell' | 'ping' | 'pass'
