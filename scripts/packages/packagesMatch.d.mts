/** The compared parts of an npm lock file. */
interface Lock {
  packages: Record<
    string,
    { version?: string; integrity?: string; optional?: boolean; devOptional?: boolean }
  >
}

export declare function packagesMatch(lock?: Lock, installed?: Lock): boolean
