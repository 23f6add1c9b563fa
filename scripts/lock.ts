import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Lock } from './packages/Lock.ts'
import { missingOptionals } from './packages/missingOptionals.ts'

// Run after `npm install <package>`: completes package-lock.json, so that `npm ci` accepts it on every system.

const file = path.resolve(import.meta.dirname, '../package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
const packages = { ...lock.packages, ...missingOptionals(lock) }
lock.packages = Object.fromEntries(
  Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')),
)
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
