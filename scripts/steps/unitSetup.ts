// workbox-core's development build asks for `self` as soon as it is imported; Node has none.
Object.assign(globalThis, { self: globalThis })
