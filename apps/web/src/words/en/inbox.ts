import { pluralFor } from '../plural.ts'

const plural = pluralFor('en')

export const inbox = {
  title: 'Chats',
  conversations: 'Conversations',
  search: 'Search',
  newChat: 'New chat',
  emptyTitle: 'No conversations yet',
  emptyHint: 'Find somebody by username and say hello.',
  unread: (count: number) => plural(count, { one: '# unread message', other: '# unread messages' }),
  you: 'You',
  draft: 'Draft:',
  deleted: 'Message deleted',
  nothingYet: 'No messages yet',
  unnamed: 'Unknown',
  photo: 'Photo',
  video: 'Video',
  voice: 'Voice message',
  file: 'File',
  location: 'Location',
  contact: 'Contact',
  sealed: 'Encrypted message',
  yesterday: 'Yesterday',
  findPeople: 'Username',
  nobody: 'Nobody of this name',
  people: 'People',
}
