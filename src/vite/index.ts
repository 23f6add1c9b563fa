// The Vite plugin: serves and emits the built scripts, and adds tags or the virtual module.
// Node only; uses the page's code only through the built files.
// Start with plugin.ts. This file is the package entry modelferry/vite.

// oxlint-disable-next-line typescript/triple-slash-reference -- the virtual module's types have to come along
/// <reference path="./virtual.ts" preserve="true" />
export { modelferry } from './plugin.ts'
export type { PluginOptions } from './options.ts'
