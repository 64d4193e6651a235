import type { Page } from 'playwright-core'

/** Puts so many conversations with so many messages each into the store of the page's browser, past the app. */
export async function fillStore(page: Page, counts: { conversations: number; messages: number }): Promise<void> {
  // Not while the app writes.
  await page.goto('/icon.svg')
  await page.evaluate(async ({ conversations, messages }) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('parley')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const began = Date.now() - conversations * 60_000
    for (let number = 0; number < conversations; number++) {
      const id = `filled${number}`
      const peer = `peer${number}`
      const message = (seq: number) => ({
        conversation: id,
        seq,
        id: `${number * 1000 + seq}`,
        sender: peer,
        device: 'd',
        sentAt: began + number * 60_000 + seq,
        content: { text: `Message ${seq} of conversation ${number}, as long as messages often are` },
      })
      await new Promise<void>((resolve, reject) => {
        const step = database.transaction(['conversations', 'messages', 'users'], 'readwrite', {
          durability: 'relaxed',
        })
        step.oncomplete = () => resolve()
        step.onerror = () => reject(step.error)
        step.objectStore('users').put({ id: peer, username: `peer_${number}`, displayName: `Person ${number}` })
        for (let seq = 1; seq <= messages; seq++) step.objectStore('messages').put(message(seq))
        step.objectStore('conversations').put({
          id,
          kind: 'direct',
          peer,
          history: 'joined',
          createdAt: began,
          infoSeq: 0,
          role: 'member',
          joinedSeq: 1,
          settings: {},
          applied: messages,
          ahead: [],
          since: 1,
          from: 1,
          complete: true,
          read: messages - (number % 3),
          readSent: messages,
          unread: number % 3,
          counted: 0,
          receipts: {},
          lastMessage: message(messages),
        })
      })
    }
    database.close()
  }, counts)
}
