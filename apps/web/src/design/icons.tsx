import type { ReactNode } from 'react'

export interface IconProps {
  /** Pixels, 22 when not given. */
  size?: number
}

/** Lines on a grid of 24, in the colour of the letters around; never read aloud: what holds it has a label. */
function Lines({ size = 22, children }: IconProps & { children: ReactNode }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0"
    >
      {children}
    </svg>
  )
}

export const SearchIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.5" />
  </Lines>
)
export const PlusIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M12 5v14M5 12h14" />
  </Lines>
)
export const CloseIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="m6 6 12 12M18 6 6 18" />
  </Lines>
)
export const MoreIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M12 5.2v.1M12 12v.1M12 18.8v.1" strokeWidth="3" />
  </Lines>
)
export const BackIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="m14.5 5-7 7 7 7" />
  </Lines>
)
export const SendIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M4 12h15M13 5.5l6.5 6.5-6.5 6.5" />
  </Lines>
)
export const AttachIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="m20 11.5-7.9 7.9a5 5 0 0 1-7-7L13 4.3a3.4 3.4 0 0 1 4.8 4.8l-7.9 7.9a1.7 1.7 0 0 1-2.4-2.4l7.1-7.1" />
  </Lines>
)
export const EmojiIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M8.5 14.5a4.3 4.3 0 0 0 7 0M9 9.6v.1M15 9.6v.1" />
  </Lines>
)
export const MicrophoneIcon = (props: IconProps) => (
  <Lines {...props}>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </Lines>
)
export const CheckIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Lines>
)
export const ChecksIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="m2.5 12.5 4.3 4.3 8.7-9M11 15.6l1.3 1.2 9-9.3" />
  </Lines>
)
export const ClockIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5V12l3 2" />
  </Lines>
)
export const AlertIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5v5.5M12 16.3v.1" />
  </Lines>
)
export const PinIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M9 4h6l-.7 6 3.2 3.5h-11L9.7 10zM12 13.5V20" />
  </Lines>
)
export const MutedIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M6.5 9.5a5.5 5.5 0 0 1 9-3.7M17.5 11c0 4 1.5 5 2 6H8M10 20.2a2.2 2.2 0 0 0 4 0M4 4l16 16M6.4 11.5c-.2 3.5-1.5 4.6-2 5.5h2" />
  </Lines>
)
export const ArchiveIcon = (props: IconProps) => (
  <Lines {...props}>
    <rect x="3.5" y="4.5" width="17" height="4.5" rx="1" />
    <path d="M5 9v9a1.5 1.5 0 0 0 1.5 1.5h11A1.5 1.5 0 0 0 19 18V9M10 13h4" />
  </Lines>
)
export const GroupIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="9" cy="8.5" r="3.5" />
    <path d="M2.5 19.5a6.5 6.5 0 0 1 13 0M16 5.3a3.5 3.5 0 0 1 0 6.4M17.8 14.2a6.5 6.5 0 0 1 3.7 5.3" />
  </Lines>
)
export const PersonIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20a7.5 7.5 0 0 1 15 0" />
  </Lines>
)
export const SettingsIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="12" cy="12" r="3" />
    <path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2" />
  </Lines>
)
export const LogOutIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M10 4H6.5A1.5 1.5 0 0 0 5 5.5v13A1.5 1.5 0 0 0 6.5 20H10M15 8l4 4-4 4M19 12H10" />
  </Lines>
)
export const EditIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M4 20l1-4L16.5 4.5a1.8 1.8 0 0 1 2.6 0l.4.4a1.8 1.8 0 0 1 0 2.6L8 19z" />
  </Lines>
)
export const ChatIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-7l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5z" />
  </Lines>
)
export const OfflineIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M3.5 9.5a13 13 0 0 1 5-2.9M20.5 9.5a13 13 0 0 0-7.5-3.4M7 13.2a8 8 0 0 1 3-1.9M17 13.2a8 8 0 0 0-2-1.4M12 18.5v.1M4 4l16 16" />
  </Lines>
)
export const ReplyIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6V19" />
  </Lines>
)
export const ForwardIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M14.5 6 20 11.5 14.5 17M19.5 11.5H10a6 6 0 0 0-6 6V19" />
  </Lines>
)
export const StarIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="m12 3.8 2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z" />
  </Lines>
)
export const CopyIcon = (props: IconProps) => (
  <Lines {...props}>
    <rect x="8.5" y="8.5" width="11" height="11" rx="2.5" />
    <path d="M15.5 8.5v-1a2.5 2.5 0 0 0-2.5-2.5H7A2.5 2.5 0 0 0 4.5 7.5v6A2.5 2.5 0 0 0 7 16h1.5" />
  </Lines>
)
export const TrashIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12a1.5 1.5 0 0 0 1.5 1.4h6.4a1.5 1.5 0 0 0 1.5-1.4l.8-12M10.2 11v5.5M13.8 11v5.5" />
  </Lines>
)
export const InfoIcon = (props: IconProps) => (
  <Lines {...props}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 11v5M12 7.8v.2" />
  </Lines>
)
export const DownIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="m6 9.5 6 6 6-6" />
  </Lines>
)
export const PlaceIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M12 20.5s6.5-5.6 6.5-10.7a6.5 6.5 0 1 0-13 0c0 5.1 6.5 10.7 6.5 10.7z" />
    <circle cx="12" cy="9.8" r="2.3" />
  </Lines>
)
export const FileIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M13.5 3.5H7.5A2 2 0 0 0 5.5 5.5v13a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2V8.5zM13.5 3.5v5h5" />
  </Lines>
)
export const PlayIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M8 5.5v13l10.5-6.5z" />
  </Lines>
)
export const PauseIcon = (props: IconProps) => (
  <Lines {...props}>
    <path d="M8.5 5.5v13M15.5 5.5v13" />
  </Lines>
)
export const ImageIcon = (props: IconProps) => (
  <Lines {...props}>
    <rect x="4" y="5" width="16" height="14" rx="2.5" />
    <circle cx="9" cy="10" r="1.6" />
    <path d="m4.5 17 4.8-4.2 3.2 2.7 3-2.5 4 3.5" />
  </Lines>
)
