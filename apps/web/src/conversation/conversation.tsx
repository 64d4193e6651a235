import type { ConversationId } from '@parley/protocol'
import { useConversation } from '../client/use-conversations.ts'
import { EmptyState } from '../design/empty-state.tsx'
import { ChatIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'
import { Composer } from './composer/composer.tsx'
import { Header } from './header.tsx'
import { MessageList } from './message-list/message-list.tsx'

export function Conversation({ id }: { id: ConversationId }) {
  const words = useWords()
  const conversation = useConversation(id)
  if (!conversation) return <EmptyState icon={<ChatIcon size={30} />} title={words.conversation.gone} />
  return (
    <div className="flex h-full flex-col">
      <Header conversation={conversation} />
      <MessageList conversation={conversation} />
      <Composer conversation={conversation} />
    </div>
  )
}
