/** Where a request arrived: hub and CAS, or presigned storage. */
export type HubOrigin = 'hub' | 'storage'
