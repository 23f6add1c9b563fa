/** What `modelferry --help` prints. */
export const helpText: string = `modelferry serve <folder>

Serves the model hub that is kept in <folder>; the folder is made when it is missing.
Upload with any client of the hub protocol and a token that begins with hf_.

  --port <n>              port of the hub (default 8787; 0: any free one)
  --storage-port <n>      port of presigned storage (default: the next one; 0: any free one)
  --host <address>        address to listen on (default 127.0.0.1)
  --url-lifetime <s>      seconds a presigned URL is good for (default 3600, at least 1)
  --controls              answer /-/ to anybody: expire URLs, inject faults; for demos and tests
  --help, --version
`
