/** What a page may read of the hub's answers: as little as the real one allows. */
export const exposedHeaders: string = [
  'Link',
  'X-Xet-Hash',
  'X-Linked-Size',
  'X-Linked-ETag',
  'ETag',
  'X-Repo-Commit',
  'X-Error-Code',
  'X-Error-Message',
  'X-Request-Id',
  'X-Total-Count',
  'Accept-Ranges',
  'Content-Range',
].join(', ')
