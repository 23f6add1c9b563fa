/** One model file the demo shows. */
export interface DemoFile {
  /** The last part of its path. */
  name: string
  /** Its ordinary URL on the hub, at a commit. */
  url: string
  /** In bytes. */
  size: number
  /** What the page does with it; `reader` and `ear` are the models it runs. */
  role: 'reader' | 'dictionary' | 'ear' | 'spare'
  /** What it is, in one or two words. */
  title: string
}

/** The content of `/demo.json`, from the demo's server to the page. */
export interface Manifest {
  /** Origin of the embedded hub. */
  hub: string
  /** Folder with onnxruntime's two files. */
  runtime: string
  /** Lifetime of a presigned URL. */
  urlLifetimeMs: number
  files: DemoFile[]
}
