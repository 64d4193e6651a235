import { pluralFor } from '../plural.ts'

const plural = pluralFor('en')

export const conversation = {
  messages: 'Messages',
  write: 'Message',
  send: 'Send',
  choose: 'Choose a conversation',
  chooseHint: 'Your messages are on this device, also without a network.',
  gone: 'This conversation is not here',
  members: (count: number) => plural(count, { one: '# member', other: '# members' }),
  waiting: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  seen: 'Seen',
  edited: 'edited',
  olderFailed: 'Older messages could not be loaded.',
  beginning: 'This is where it began',
  empty: 'Say hello',
}
