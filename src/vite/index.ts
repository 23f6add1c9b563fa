// oxlint-disable-next-line typescript/triple-slash-reference -- the virtual module's types have to come along
/// <reference path="./virtual.ts" preserve="true" />
export { modelferry } from './plugin.ts'
export type { PluginOptions } from './options.ts'
