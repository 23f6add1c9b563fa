/** The one BroadcastChannel over which pages, loaders and the service worker of an origin talk. */
export const channelName = 'modelferry'
