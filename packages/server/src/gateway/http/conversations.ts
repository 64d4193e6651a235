import {
  conversationPatchSchema,
  conversationSchema,
  groupCreateSchema,
  idSchema,
  inboxPageSchema,
  memberPutSchema,
  membershipSchema,
  ownMembershipSchema,
  settingsPatchSchema,
  settingsSchema,
} from '@parley/protocol'
import { z } from 'zod'
import type { ConversationService } from '../../conversations/conversations.ts'
import type { MembershipService } from '../../conversations/membership.ts'
import type { OwnView } from '../../conversations/own-view.ts'
import type { ChangesPictures } from '../../media/pictures.ts'
import type { Inbox } from '../../messages/inbox.ts'
import { type AnyRoute, created, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const reading: RouteLimit = { name: 'conversation-read', by: 'user', points: 1200, seconds: 60 }
const changing: RouteLimit = { name: 'conversation-change', by: 'user', points: 600, seconds: 60 }
const creating: RouteLimit = { name: 'conversation-create', by: 'user', points: 300, seconds: 60 }

const one = z.object({ conversation: idSchema })
const member = z.object({ conversation: idSchema, userId: idSchema })

export function conversationRoutes(services: {
  conversations: Pick<ConversationService, 'direct' | 'createGroup' | 'get' | 'patch'>
  memberships: Pick<MembershipService, 'list' | 'put' | 'remove'>
  ownView: OwnView
  inbox: Inbox
  pictures: ChangesPictures
}): AnyRoute[] {
  const { conversations, memberships, ownView, inbox, pictures } = services
  return [
    defineRoute({
      method: 'PUT',
      path: '/v1/direct/:userId',
      summary: 'The one direct conversation with a user, made now if there is none',
      auth: 'device',
      limits: [creating],
      params: z.object({ userId: idSchema }),
      answer: conversationSchema,
      handle: async ({ identity, params }) => {
        const { conversation, created: isNew } = await conversations.direct(identity, params.userId)
        return isNew ? created(conversation) : ok(conversation)
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/conversations',
      summary: 'Create a group; the creator is its owner',
      auth: 'device',
      limits: [creating],
      body: groupCreateSchema,
      answer: conversationSchema,
      handle: async ({ identity, body }) => created(await conversations.createGroup(identity, body)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/conversations',
      summary: 'The inbox: my conversations, newest activity first, with unread and last message',
      auth: 'device',
      limits: [reading],
      query: z.object({
        cursor: z.string().max(128).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
      answer: inboxPageSchema,
      handle: async ({ identity, query }) => ok(await inbox.page(identity, query.cursor, query.limit)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/conversations/:conversation',
      summary: 'A conversation I am in',
      auth: 'device',
      limits: [reading],
      params: one,
      answer: conversationSchema,
      handle: async ({ identity, params }) => ok(await conversations.get(identity, params.conversation)),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/conversations/:conversation',
      summary: 'Change title, description, avatar or history of a group, as an admin',
      auth: 'device',
      limits: [changing],
      params: one,
      body: conversationPatchSchema,
      answer: conversationSchema,
      handle: async ({ identity, params: { conversation }, body }) =>
        ok(
          await pictures.ofConversation(identity.user, conversation, body.avatar, () =>
            conversations.patch(identity, conversation, body),
          ),
        ),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/conversations/:conversation/members',
      summary: 'Members and their roles',
      auth: 'device',
      limits: [reading],
      params: one,
      answer: z.object({ items: z.array(membershipSchema) }),
      handle: async ({ identity, params }) => ok({ items: await memberships.list(identity, params.conversation) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/conversations/:conversation/members/:userId',
      summary: 'Add a member, or change a role',
      auth: 'device',
      limits: [changing],
      params: member,
      body: memberPutSchema,
      answer: membershipSchema,
      handle: async ({ identity, params, body }) => {
        const { membership, added } = await memberships.put(identity, params.conversation, params.userId, body.role)
        return added ? created(membership) : ok(membership)
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/conversations/:conversation/members/:userId',
      summary: 'Remove a member, or leave',
      auth: 'device',
      limits: [changing],
      params: member,
      handle: async ({ identity, params }) => {
        await memberships.remove(identity, params.conversation, params.userId)
        return noContent()
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/conversations/:conversation/membership',
      summary: 'My own membership: role, settings, how far I have read',
      auth: 'device',
      limits: [reading],
      params: one,
      answer: ownMembershipSchema,
      handle: async ({ identity, params }) => ok(await ownView.membership(identity, params.conversation)),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/conversations/:conversation/membership',
      summary: 'My own settings of a conversation: mute, notifications, pin, archive',
      auth: 'device',
      limits: [changing],
      params: one,
      body: settingsPatchSchema,
      answer: settingsSchema,
      handle: async ({ identity, params, body }) =>
        ok(await ownView.patchSettings(identity, params.conversation, body)),
    }),
  ]
}
