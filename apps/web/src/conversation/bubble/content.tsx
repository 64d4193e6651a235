import type { Message, Content as Said } from '@parley/protocol'
import { useLocation } from 'wouter'
import { paths } from '../../app/paths.ts'
import { useCalls } from '../../client/device-context.ts'
import { Avatar } from '../../design/avatar.tsx'
import { PlaceIcon } from '../../design/icons.tsx'
import { MediaPart } from '../../media/media-part.tsx'
import { useWords } from '../../words/words.ts'
import { Text } from './text.tsx'

export function Content({ message }: { message: Message }) {
  const words = useWords()
  if (message.deletedAt !== undefined) return <i className="text-muted">{words.inbox.deleted}</i>
  return <Body content={message.content as Said} conversation={message.conversation} mentions={message.mentions} />
}

/** What a message carries, each part under the other. */
export function Body({
  content,
  conversation,
  mentions,
}: {
  content: Said
  conversation: string
  mentions?: readonly string[] | undefined
}) {
  const words = useWords()
  const { text, media, location, contact, sealed } = content
  return (
    <>
      {media && <MediaPart media={media} conversation={conversation} />}
      {location && <Place {...location} />}
      {contact && <Person {...contact} />}
      {text !== undefined && <Text text={text} mentions={mentions} />}
      {media?.caption && <Text text={media.caption} />}
      {sealed !== undefined && <i className="text-muted">{words.inbox.sealed}</i>}
    </>
  )
}

type Location = NonNullable<Said['location']>

function Place({ lat, lon, name }: Location) {
  const words = useWords()
  const at = `${lat.toFixed(5)}, ${lon.toFixed(5)}`
  const address = `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=16/${lat}/${lon}`
  return (
    <a
      href={address}
      target="_blank"
      rel="noreferrer noopener"
      title={words.conversation.openMap}
      className="my-1 flex min-h-11 items-center gap-3 rounded-xl bg-hover px-3 py-2"
    >
      <span className="text-accent">
        <PlaceIcon />
      </span>
      <span className="flex min-w-0 flex-col">
        <bdi className="truncate font-semibold">{name ?? words.inbox.location}</bdi>
        <span className="text-muted text-sm">{at}</span>
      </span>
    </a>
  )
}

type Contact = NonNullable<Said['contact']>

function Person({ name, phones, user }: Contact) {
  const words = useWords().conversation
  const calls = useCalls()
  const [, go] = useLocation()
  const write = async () => user !== undefined && go(paths.conversation(await calls.direct(user)))
  return (
    <div className="my-1 flex items-center gap-3 rounded-xl bg-hover px-3 py-2">
      <Avatar name={name} id={user ?? name} size="small" />
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi className="truncate font-semibold">{name}</bdi>
        {phones?.map((phone) => (
          <a key={phone} href={`tel:${phone}`} className="text-link text-sm">
            {phone}
          </a>
        ))}
      </span>
      {user !== undefined && (
        <button type="button" onClick={() => void write().catch(() => {})} className="min-h-11 font-semibold text-link">
          {words.writeTo}
        </button>
      )}
    </div>
  )
}
