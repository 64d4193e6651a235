import type { MediaId } from '@parley/protocol'
import { Avatar } from '../design/avatar.tsx'
import { useMedia } from './use-media.ts'

type AvatarProps = Omit<Parameters<typeof Avatar>[0], 'src'>

/** The picture of a person or group, once it is there. */
export function AvatarOf({ picture, ...rest }: AvatarProps & { picture: MediaId | undefined }) {
  const address = useMedia(picture, 'thumb')
  return <Avatar {...rest} src={picture === undefined ? undefined : (address ?? undefined)} />
}
