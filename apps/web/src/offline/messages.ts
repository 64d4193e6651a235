/** What a page says to a service worker that waits for it. */
export const takeUpdate = 'take-update'
