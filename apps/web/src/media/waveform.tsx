const bars = 40

/** Loudness over time; the part that was heard stands out. Works as a slider. */
export function Waveform(props: {
  heights: readonly number[]
  progress: number
  label: string
  onSeek: (part: number) => void
}) {
  const { heights, progress, label, onSeek } = props
  const shown = resampled(heights)
  return (
    <label className="relative block h-8">
      <span className="sr-only">{label}</span>
      <svg aria-hidden="true" viewBox={`0 0 ${bars * 4} 32`} preserveAspectRatio="none" className="size-full">
        {shown.map((height, index) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: bars have no other name than their place
            key={index}
            x={index * 4}
            y={16 - height * 14}
            width="2.4"
            height={Math.max(2, height * 28)}
            rx="1.2"
            className={index / bars < progress ? 'fill-accent' : 'fill-muted opacity-50'}
          />
        ))}
      </svg>
      <input
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={progress}
        onChange={({ target }) => onSeek(Number(target.value))}
        className="absolute inset-0 size-full cursor-pointer opacity-0"
      />
    </label>
  )
}

/** 0..1, one for each bar. */
function resampled(heights: readonly number[]): number[] {
  const most = Math.max(1, ...heights)
  return Array.from({ length: bars }, (_, index) =>
    heights.length === 0 ? 0.15 : (heights[Math.floor((index * heights.length) / bars)] ?? 0) / most,
  )
}
