import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = dirname(createRequire(import.meta.url).resolve('modelferry/package.json'))

/** Packages that a project may install besides this one. */
const tools = ['vite', 'workbox-precaching', 'workbox-routing', 'workbox-strategies']

/**
 * Creates a node_modules folder like an installation of the packed package, without a network: the tarball's own
 * files, and links to its dependencies that are already installed.
 *
 * @param folder is created
 */
export async function packPackage(folder: string): Promise<void> {
  await mkdir(join(folder, '.bin'), { recursive: true })
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
  })
  const tarball = join(folder, stdout.trim().split('\n').at(-1)!)
  await run('tar', ['-xzf', tarball, '-C', folder])
  await rm(tarball)
  await cp(join(folder, 'package'), join(folder, 'modelferry'), { recursive: true })
  await rm(join(folder, 'package'), { recursive: true })
  const { dependencies } = JSON.parse(
    await readFile(join(folder, 'modelferry/package.json'), 'utf8'),
  ) as { dependencies: Record<string, string> }
  for (const name of [...Object.keys(dependencies), ...tools]) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await symlink(join(root, 'node_modules', name), join(folder, name))
  }
  await symlink('../modelferry/dist/cli.js', join(folder, '.bin/modelferry'))
  for (const tool of tools) {
    const found = (await readdir(join(root, 'node_modules/.bin'))).includes(tool)
    if (found) await symlink(join(root, 'node_modules/.bin', tool), join(folder, '.bin', tool))
  }
}
