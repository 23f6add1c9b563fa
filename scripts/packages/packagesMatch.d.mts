/** What an npm lock file says, as far as it is compared. */
interface Lock {
  packages: Record<
    string,
    { version?: string; integrity?: string; optional?: boolean; devOptional?: boolean }
  >
}

export declare function packagesMatch(lock?: Lock, installed?: Lock): boolean
