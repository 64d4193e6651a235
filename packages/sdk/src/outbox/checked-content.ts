import { type Content, limits } from '@parley/protocol'
import { ParleyError } from '../lib/errors.ts'

/** What of a message is looked at before it is stored to be sent. */
export interface Checked {
  conversation: string
  clientMessageId?: string
  content: Content
  seq?: number
  replyTo?: number
  mentions?: readonly string[]
}

const id = /^[A-Za-z0-9_-]{1,64}$/
const base64 = /^(?:[0-9a-zA-Z+/]{4})*(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?$/

/**
 * As the schemas of the protocol say, without them: they would be a quarter of what a page loads before it shows
 * anything. A test holds the two together. Parts that the protocol does not know are left out.
 * @throws ParleyError `invalid` with the field
 */
export function checkedContent({ conversation, clientMessageId, content, seq, replyTo, mentions }: Checked): Content {
  need('conversation', id.test(conversation))
  need('clientMessageId', clientMessageId === undefined || id.test(clientMessageId))
  need('seq', seq === undefined || isSeq(seq))
  need('replyTo', replyTo === undefined || isSeq(replyTo))
  need(
    'mentions',
    mentions === undefined || (mentions.length <= limits.groupMembers && mentions.every((user) => id.test(user))),
  )
  const { text, media, location, contact, sealed, forwarded } = content
  const open = text !== undefined || media !== undefined || location !== undefined || contact !== undefined
  need('content', (open || sealed !== undefined) && !(open && sealed !== undefined))
  need('content.text', text === undefined || isText(text, Number.POSITIVE_INFINITY))
  need('content.sealed', sealed === undefined || (isText(sealed, Number.POSITIVE_INFINITY) && base64.test(sealed)))
  need('content.forwarded', forwarded === undefined || forwarded === true)
  return {
    ...(text !== undefined && { text }),
    ...(media && { media: checkedMedia(media) }),
    ...(location && { location: checkedLocation(location) }),
    ...(contact && { contact: checkedContact(contact) }),
    ...(sealed !== undefined && { sealed }),
    ...(forwarded && { forwarded }),
  }
}

const isSeq = (value: number): boolean => Number.isSafeInteger(value) && value >= 1
const isText = (value: string, most: number): boolean =>
  typeof value === 'string' && value.length >= 1 && value.length <= most
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)

/** What the server fills in; some of it, such as the waveform of a voice message, it believes. */
const known: Record<string, (value: unknown) => boolean> = {
  type: (value) => typeof value === 'string',
  size: Number.isSafeInteger,
  name: (value) => typeof value === 'string',
  width: Number.isSafeInteger,
  height: Number.isSafeInteger,
  duration: isNumber,
  thumbhash: (value) => typeof value === 'string',
  waveform: (value) => Array.isArray(value) && value.every(isNumber),
}

function checkedMedia(media: NonNullable<Content['media']>): NonNullable<Content['media']> {
  need('content.media.id', id.test(media.id))
  const { caption } = media
  need('content.media.caption', caption === undefined || (typeof caption === 'string' && caption.length <= 4096))
  const others = Object.entries(media).filter(([name, value]) => name in known && value !== undefined)
  for (const [name, value] of others) need(`content.media.${name}`, known[name]!(value))
  return { id: media.id, ...(caption !== undefined && { caption }), ...Object.fromEntries(others) }
}

function checkedLocation({ lat, lon, name }: NonNullable<Content['location']>): NonNullable<Content['location']> {
  need('content.location.lat', isNumber(lat) && Math.abs(lat) <= 90)
  need('content.location.lon', isNumber(lon) && Math.abs(lon) <= 180)
  need('content.location.name', name === undefined || (typeof name === 'string' && name.length <= 256))
  return { lat, lon, ...(name !== undefined && { name }) }
}

function checkedContact({ name, phones, user }: NonNullable<Content['contact']>): NonNullable<Content['contact']> {
  need('content.contact.name', isText(name, 256))
  need('content.contact.phones', !phones || (phones.length <= 16 && phones.every((phone) => isText(phone, 32))))
  need('content.contact.user', user === undefined || id.test(user))
  return { name, ...(phones && { phones }), ...(user !== undefined && { user }) }
}

function need(field: string, fine: boolean): void {
  if (!fine) throw new ParleyError('invalid', `${field} is not valid.`, { field })
}
