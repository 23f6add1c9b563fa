// workbox-core's development build reads `self` when it is imported; Node has none.
Object.assign(globalThis, { self: globalThis })
