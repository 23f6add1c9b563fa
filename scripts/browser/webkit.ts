import type { BrowserKind } from './BrowserKind.ts'

/** The library's own small browser is in the library's folder, not on PATH. */
const folders = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}`)
  .concat('/usr/lib', '/usr/lib64', '/usr/libexec')

/** Safari's engine, in its Linux port. */
export const webkit: BrowserKind = {
  name: 'WebKitGTK with Xvfb',
  variables: ['MINIBROWSER_PATH'],
  says: /WebKitGTK/,
  candidates: (platform) =>
    platform === 'linux'
      ? ['webkit2gtk-4.1', 'webkitgtk-6.0'].flatMap((version) =>
          folders.map((folder) => `${folder}/${version}/MiniBrowser`),
        )
      : [],
}
