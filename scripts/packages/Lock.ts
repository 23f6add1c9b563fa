/** One package in package-lock.json. */
export interface LockedPackage {
  version?: string
  resolved?: string
  integrity?: string
  link?: boolean
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

/** package-lock.json, the parts that are used here. */
export interface Lock {
  packages: Record<string, LockedPackage>
}
