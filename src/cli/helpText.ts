/** What `modelferry --help` prints. */
export const helpText: string = `modelferry init [<folder>]

Copies modelferry-sw.js and modelferry-worker.js into the folder that your site serves at its top, and remembers
the folder in package.json. Without one: brings all copies up to date. Files of somebody else stay.

  --script                copy modelferry.js for a <script> tag as well

modelferry remove [<folder>]

Removes the copies again.

  --self-destroy          leave a modelferry-sw.js that ends the service worker on devices that have it
  --clear                 with it, what is stored on the device goes too

modelferry serve <folder>

Serves the model hub that is kept in <folder>; the folder is made when it is missing.
Upload with any client of the hub protocol and a token that begins with hf_.

  --port <n>              port of the hub (default 8787; 0: any free one)
  --storage-port <n>      port of presigned storage (default: the next one; 0: any free one)
  --host <address>        address to listen on (default 127.0.0.1)
  --url-lifetime <s>      seconds a presigned URL is good for (default 3600, at least 1)
  --controls              answer /-/ to anybody: expire URLs, inject faults; for demos and tests
  --config <file>         put a gateway before the hub: who is asking, who waits, how long; see gateway.json
                          in the guide. SIGHUP reads the file again, without a restart
  --shared-config <file>  what several machines share; --config and MODELFERRY_ variables go before it
  --environment <name>    which of the files' environments holds
  --help, --version
`
