/**
 * What becomes of a request: answered with a model file, with what a hub says about files, with a runtime, with
 * a file of the app, with the app's page when there is no network, with a sign of life; asked of the network but not believed when it is a page; or left alone.
 */
export type Decision = 'file' | 'note' | 'runtime' | 'shell' | 'visit' | 'ping' | 'guard' | 'pass'
