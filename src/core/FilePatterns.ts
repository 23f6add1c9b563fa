/** Which addresses are model files. */
export interface FilePatterns {
  /** Endpoints whose resolve URLs are model files, as `https://host`, with a path or without. */
  readonly hubs: readonly string[]
  /** Further files: whole URLs in which `*` stands for anything. */
  readonly files: readonly string[]
  /** Where files are model files by their extension alone: the app's own origin. Absent: nowhere. */
  readonly origin?: string
}
